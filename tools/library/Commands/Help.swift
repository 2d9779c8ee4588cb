/// What `atelier help` says.
enum Help {
    static let text = """
        usage: atelier <command>

          up [--detach]          start the seven services, and keep them running
             --port N --preview-port N
          down                   stop them
          status [--json]        how each service fares
          help                   this

        The stack is chosen by --data <folder> and --port <number>, else by ATELIER_DATA and
        ATELIER_PORT, else it is ./data on port 8420. Two stacks with folders and ports of their
        own run side by side. A service that outlived a killed supervisor is ended by the next up.
        """
}
