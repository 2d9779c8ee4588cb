/// What `atelier help` says.
enum Help {
    static let text = """
        usage: atelier <command>

          run write <document.md>   agents refine the document in turn; the result is written
                                    beside it as <document>.refined.md
              --rounds N            at most, 1 to 10 (3)
              --threshold X         ends when the score reaches it, 0 to 10 (8.5)
              --preset NAME         academic, creative, technical, debate or legal
              --provider P --model M --writer-provider P
                                    in place of what the preset's agents use
              --reference FILE      more to read; up to ten times
              --title TEXT --out FILE --as EMAIL
              --quiet --verbose --json
          runs [--limit N] [--state S] [--json]
          show <run> [--document] [--json]
          cancel <run>

          up [--detach] [--preview-port N]
                                    start the seven services, and keep them running
          down                      stop them
          status [--json]           how each service fares
          wire [file|-]             show a message of the mesh, binary or hex, as text
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
