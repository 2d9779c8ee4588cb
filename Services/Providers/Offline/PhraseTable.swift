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
        can not only
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
