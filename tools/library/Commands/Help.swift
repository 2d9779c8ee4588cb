/// What `atelier help` says.
enum Help {
    static let text = """
        usage: atelier <command>

          write <document.md>       agents refine the document in turn; the result is written
                                    beside it as <document>.refined.md (also: run write)
              --rounds N            at most, 1 to 10 (3)
              --threshold X         ends when the score reaches it, 0 to 10 (8.5)
              --plateau N[:X]|off   ends when N rounds bring no rise above X (2:0.1)
              --preset NAME         academic, creative, technical, debate, legal, or your own
              --template ID         a workflow of your own: its steps, loops and gates
              --criteria LIST       what is scored, with weights: clarity=3,evidence=2
              --agent NAME:ROLE[:MODEL@PROVIDER]
                                    one of 2 to 4 who take turns; the role is writer, editor
                                    or critic. Or --agents FILE, a JSON list with instructions
              --parallel            reviewers read the same draft at once
              --provider P --model M --writer-provider P
                                    in place of what the agents would use
              --reference FILE      more to read; up to ten times
              --lock TEXT           a passage that agents must not change; as often as needed
              --title TEXT --out FILE --as EMAIL
              --project NAME        what budgets and figures go by
              --quiet --verbose --json
          continue <run> [--rounds N] [--threshold X] [--out FILE]
                                    go on from where a session ended
          edit <run> <file>         your text in place of the session's; agents build on it
          lock <run> [passage ...]  what agents must leave as it is; none frees all
          suggestions <run> [--state S] [--accept N] [--reject N] [--json]
          diff <run> [--from N] [--to N]
                                    what changed between two rounds; 0 is the draft
          export <run> [--format md|html|docx] [--out FILE]
                                    the session's document as a file; Word without a format
          email <run> --to ADDRESS[,ADDRESS] [--subject TEXT] [--preview TEXT]
                                    the same by e-mail, with a Word file
          emails <run> [--json]     what became of a session's e-mails
          gates <run> [--json]      where a run waits for you
          approve <run> [gate]      reject <run> [gate]      [--feedback TEXT]
          templates list | show ID | export ID [--out FILE] | import FILE [--into ID]
                    | validate FILE | delete ID

          runs [--limit N] [--state S] [--json]
          show <run> [--document] [--json]
          cancel <run>              also: pause <run>, resume <run>
          retry <run>               a failed run goes on from the step that failed
          steps <run> [--json]      what it has done, for a fork to begin with
          fork <run> <step> [--input JSON] [--title TEXT]
          limit <run> [--credits N] [--seconds N]
          schedules list | show ID | pause ID | resume ID | delete ID
                    | add <document.md> --cron "0 9 * * 1" [--zone +02:00]
                      [--template ID] [--preset NAME] [--overlap skip|allow] [--title TEXT]
          webhooks list | show ID | add URL [--events run.completed,gate.*] | delete ID
                    | deliveries ID | retry ID DELIVERY

          up [--detach] [--preview-port N]
                                    start the seven services, and keep them running
          down                      stop them
          status [--json]           how each service fares
          mesh top                  calls, errors, times and queues of each method, live
              --service S --sort calls|errors|p50|p99|hand|queue|bytes|name
              --interval SECONDS (2) --idle --once --total --json
          mesh ping|info|describe <service> [--count N] [--json]
          mesh capture <service>    write its messages into a file, secrets and all
              --seconds N (10) --show
          wire [file|-]             show a message of the mesh, binary or hex, as text
          wire --capture FILE       show all that a capture holds
              --service S --method M --call ID --limit N
          mesh keys list            by which keys services know one another on the network
          mesh keys rotate <service> [--in SECONDS] [--overlap SECONDS]
                                    a new one, at once or later; the old one counts a day more
          mesh keys trust <service> <file>
                                    what another host's <service>.pub says
          mesh keys revoke <service> <key>
                                    it proves nothing any more; its connections end
          help                      this

        The stack is chosen by --data <folder> and --port <number>, else by ATELIER_DATA and
        ATELIER_PORT, else it is ./data on port 8420. Two stacks with folders and ports of their
        own run side by side. A service that outlived a killed supervisor is ended by the next up.
        """
}
