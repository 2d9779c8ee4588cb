/// The phrases that say nothing, or say it long, with what stands for them. Data only.
///
/// One entry a line, `phrase = replacement`; nothing on the right means that the phrase goes.
/// `^` marks an entry that holds only at the start of a sentence, before a comma or not. Entries
/// were chosen so that the grammar around them stays right without looking further.
enum PhraseTable {
    /// Words that may go: edited from the first round.
    static let fillers = """
        very =
        really =
        basically =
        actually =
        essentially =
        literally =
        totally =
        quite =
        extremely =
        incredibly =
        definitely =
        certainly =
        simply put =
        kind of =
        sort of =
        of course =
        needless to say =
        as a matter of fact =
        for all intents and purposes =
        ^ at the end of the day =
        when all is said and done =
        it is important to note that =
        it is important to remember that =
        it is important to understand that =
        it is also important to note that =
        it is worth noting that =
        it is worth mentioning that =
        it is also worth noting that =
        it is interesting to note that =
        it should be noted that =
        it should also be noted that =
        it must be noted that =
        it goes without saying that =
        it is clear that =
        it is obvious that =
        it is well known that =
        it is a fact that =
        ^ please note that =
        ^ please be aware that =
        ^ keep in mind that =
        ^ bear in mind that =
        the thing is that =
        the point is that =
        the fact of the matter is that =
        what i mean is that =
        as you can see =
        as everybody knows =
        as we all know =
        ^ obviously =
        ^ clearly =
        ^ in fact =
        ^ generally speaking =
        ^ in general =
        ^ to be honest =
        ^ honestly =
        ^ frankly =
        ^ to tell the truth =
        ^ all in all =
        ^ in a nutshell =
        ^ first of all = first
        ^ last but not least = finally
        """

    /// Long ways round: edited from the second round.
    static let wordy = """
        in order to = to
        in order for = for
        so as to = to
        in an effort to = to
        with the aim of = for
        for the purpose of = for
        for the purposes of = for
        due to the fact that = because
        owing to the fact that = because
        in light of the fact that = because
        in view of the fact that = because
        given the fact that = because
        because of the fact that = because
        for the reason that = because
        for the simple reason that = because
        on the grounds that = because
        despite the fact that = although
        in spite of the fact that = although
        regardless of the fact that = although
        in the event that = if
        in the case that = if
        under circumstances in which = when
        on the condition that = if
        at this point in time = now
        at this moment in time = now
        at the present time = now
        at the current time = now
        at the present moment = now
        at that point in time = then
        in this day and age = today
        in the near future = soon
        in the not too distant future = soon
        until such time as = until
        during the course of = during
        over the course of = during
        in the course of = during
        at all times = always
        on a regular basis = regularly
        on a daily basis = daily
        on a weekly basis = weekly
        on a monthly basis = monthly
        on an ongoing basis = continuously
        on a case by case basis = case by case
        in a timely manner = promptly
        in a timely fashion = promptly
        in an efficient manner = efficiently
        in a consistent manner = consistently
        in a careful manner = carefully
        in most cases = usually
        in many cases = often
        in some cases = sometimes
        in the majority of cases = usually
        has the ability to = can
        have the ability to = can
        has the capability to = can
        have the capability to = can
        is able to = can
        are able to = can
        was able to = could
        were able to = could
        will be able to = can
        is capable of being = can be
        are capable of being = can be
        is in a position to = can
        are in a position to = can
        has an impact on = affects
        have an impact on = affect
        had an impact on = affected
        is dependent on = depends on
        are dependent on = depend on
        is in need of = needs
        are in need of = need
        is indicative of = indicates
        is in the process of = is
        are in the process of = are
        was in the process of = was
        were in the process of = were
        make use of = use
        makes use of = uses
        made use of = used
        making use of = using
        utilize = use
        utilizes = uses
        utilized = used
        utilizing = using
        utilise = use
        utilises = uses
        utilised = used
        utilising = using
        utilization of = use of
        give consideration to = consider
        take into consideration = consider
        takes into consideration = considers
        taking into consideration = considering
        take into account the fact that = remember that
        come to the conclusion that = conclude that
        came to the conclusion that = concluded that
        come to an agreement = agree
        reach a decision = decide
        make a decision = decide
        makes a decision = decides
        made a decision = decided
        make a recommendation = recommend
        make an attempt to = try to
        made an attempt to = tried to
        make changes to = change
        made changes to = changed
        making changes to = changing
        provide assistance to = help
        provides assistance to = helps
        provide support to = support
        conduct an investigation into = investigate
        conduct an investigation of = investigate
        conduct a review of = review
        carry out a review of = review
        perform an analysis of = analyze
        have a discussion about = discuss
        had a discussion about = discussed
        have a tendency to = tend to
        has a tendency to = tends to
        with regard to = about
        with regards to = about
        with respect to = about
        in regard to = about
        in regards to = about
        in relation to = about
        in reference to = about
        pertaining to = about
        in connection with = about
        on the subject of = about
        prior to = before
        in advance of = before
        subsequent to = after
        in close proximity to = near
        in the vicinity of = near
        in the absence of = without
        with the exception of = except for
        by means of = by
        by virtue of = by
        in accordance with = following
        in the form of = as
        in excess of = more than
        in spite of = despite
        as a consequence of = because of
        as a result of = because of
        on account of = because of
        for a period of time = for some time
        for a period of = for
        a period of time = some time
        the way in which = how
        the manner in which = how
        the reason why = the reason
        the question as to whether = whether
        the question of whether = whether
        as to whether = whether
        each and every = every
        each and every one of = all of
        any and all = all
        first and foremost = first
        various different = various
        many different = many
        end result = result
        final outcome = outcome
        past history = history
        future plans = plans
        advance planning = planning
        basic fundamentals = fundamentals
        added bonus = bonus
        new innovation = innovation
        completely eliminate = eliminate
        completely finished = finished
        absolutely essential = essential
        absolutely necessary = necessary
        completely unique = unique
        still remains = remains
        still remain = remain
        revert back = revert
        return back = return
        refer back = refer
        repeat again = repeat
        merge together = merge
        combine together = combine
        collaborate together = collaborate
        with the help of = with
        a large number of = many
        a great number of = many
        a huge number of = many
        a significant number of = many
        a wide variety of = many
        a large amount of = much
        a great deal of = much
        a number of = several
        the majority of = most
        a majority of = most
        the vast majority of = most
        a small number of = a few
        """

    /// Hedges and impersonal passives: edited from the third round.
    static let hedges = """
        it seems that =
        it would seem that =
        it would appear that =
        it appears that =
        it might be said that =
        it could be argued that =
        it can be seen that =
        it has been found that =
        it is believed that =
        it is felt that =
        it is generally agreed that =
        it is understood that =
        it was noticed that =
        it has been observed that =
        to some extent =
        to a certain extent =
        to a certain degree =
        more or less =
        for the most part = mostly
        in all likelihood = probably
        it is likely that = probably
        it is possible that = perhaps
        there is a possibility that = perhaps
        there is a chance that = perhaps
        there is no doubt that =
        may possibly = may
        may potentially = may
        might possibly = might
        might potentially = might
        could possibly = could
        could potentially = could
        can potentially = can
        can possibly = can
        it is recommended that you = you should
        it is recommended that we = we should
        it is advised that you = you should
        it is suggested that you = you could
        it is suggested that we = we could
        it is necessary that you = you must
        it is necessary that we = we must
        it is required that you = you must
        it is necessary to = you must
        it was decided that we = we decided that we
        it was decided to = we decided to
        it has been decided to = we decided to
        in my opinion =
        in our opinion =
        in my humble opinion =
        i would say that =
        i would like to suggest that we = we should
        i would like to propose that we = we should
        we would like to propose that we = we should
        we would like to propose to = we propose to
        would like to request that you = ask you to
        """

    /// Phrases that hold a word of the tables but are not meant: they stay.
    static let kept = """
        the very same
        the very first
        the very last
        the very least
        the very end
        the very beginning
        the very best
        very much
        quite a few
        quite a bit
        quite a lot
        making sure
        more or less than
        in general terms
        """

    /// Determiners after which "most", "many" and the like need "of".
    static let determiners = [
        "the", "our", "your", "their", "his", "her", "its", "my", "these", "those", "them", "us",
    ]

    /// Words before or after which an entry does not hold.
    static let notAfter: [String: Set<String>] = [
        "kind of": nouns, "sort of": nouns, "a number of": ["is", "was"],
    ]
    static let notBefore: [String: Set<String>] = [
        "quite": ["a", "an", "the"], "very": ["same", "few"], "more or less": ["than"],
        "sort of": ["the"], "kind of": ["the"],
    ]

    private static let nouns: Set<String> = [
        "a", "an", "the", "this", "that", "these", "those", "some", "any", "what", "which", "every",
        "each", "one", "other", "another", "same", "only", "right", "no", "new", "of", "best",
        "different", "wrong", "first", "second", "third", "certain", "whatever", "our", "their",
    ]
}
