import Glibc

/// The lines of standard input, as bytes without their line ends, each as soon as it is complete.
struct StandardInputLines {
    private let maximumBytes: Int
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    /// - Parameter maximumBytes: a longer line is refused.
    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Waits for a line; `nil` at the end.
    mutating func next() throws(Complaint) -> [UInt8]? {
        var searched = 0
        while true {
            if let end = self.buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(self.buffer[..<end])
                self.buffer.removeFirst(end + 1)
                return line
            }
            searched = self.buffer.count
            if self.isAtEnd {
                defer { self.buffer = [] }
                return self.buffer.isEmpty ? nil : self.buffer
            }
            try self.read()
        }
    }

    private mutating func read() throws(Complaint) {
        guard self.buffer.count <= self.maximumBytes else {
            throw Complaint("a line of standard input is longer than \(self.maximumBytes) bytes; send it with -s", .badArguments)
        }
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = chunk.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) }
        if count > 0 {
            self.buffer.append(contentsOf: chunk.prefix(count))
        } else if count == 0 {
            self.isAtEnd = true
        } else if errno != EINTR {
            throw Complaint("cannot read standard input: \(String(cString: strerror(errno)))")
        }
    }
}
