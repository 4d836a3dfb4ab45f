import Glibc

/// Lines on the standard streams, unbuffered.
enum Console {
    static func line(_ text: String) {
        Self.write(text, to: STDOUT_FILENO)
    }

    static func progress(_ text: String) {
        Self.write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array((text + "\n").utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
