import Glibc

enum Console {
    static func out(_ line: String) {
        puts(line)
        fflush(nil)
    }
}
