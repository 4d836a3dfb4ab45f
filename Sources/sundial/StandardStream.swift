import Glibc

/// Standard output and error, unbuffered, so that a reader behind a pipe sees each line as it is written.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Puts something in the place of streams that were closed before the start, so that no socket or file gets their number and with it
    /// what is printed. Reading and writing there fail.
    static func keepPlaces() {
        for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 {
            _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// Whether a person reads it.
    var isTerminal: Bool { isatty(self.rawValue) == 1 }

    /// The width of the terminal; 80 where it does not tell.
    var columns: Int {
        var size = winsize()
        guard ioctl(self.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// - Returns: whether somebody still reads.
    @discardableResult
    func write(_ text: String) -> Bool {
        self.write(Array(text.utf8))
    }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.rawValue, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: self.rawValue, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
