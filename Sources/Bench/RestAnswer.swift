import JSON

/// One HTTP/1.1 answer with a body of stated length.
struct RestAnswer {
    let status: Int
    /// The server will take no further request on this connection.
    let isLast: Bool
    let body: [UInt8]

    private static let headEnd = Array("\r\n\r\n".utf8)
    /// More than any head of the servers measured.
    private static let maximumHeadBytes = 16384

    /// - Returns: nil while the answer is incomplete.
    init?(_ bytes: UnsafeRawBufferPointer) throws(BenchFailure) {
        guard let end = bytes.firstRange(of: Self.headEnd) else {
            guard bytes.count < Self.maximumHeadBytes else { throw BenchFailure("the head of an HTTP answer has no end") }
            return nil
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw BenchFailure("not an HTTP/1.1 answer: \(lines.first ?? "")")
        }
        var bodyBytes: Int?
        var isLast = false
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-length": bodyBytes = Int(value)
            case "connection": isLast = value.lowercased() == "close"
            default: break
            }
        }
        guard let bodyBytes else { throw BenchFailure("an HTTP answer without Content-Length") }
        guard bytes.count >= end.upperBound + bodyBytes else { return nil }
        self.status = status
        self.isLast = isLast
        self.body = Array(bytes[end.upperBound..<(end.upperBound + bodyBytes)])
    }

    /// The version of the shadow in an accepted update; nil when it is none.
    var version: Int64? {
        guard self.status == 200, let document = try? JSONValue(parsing: self.body) else { return nil }
        return document["version"]?.int64
    }

    var text: String {
        "status \(self.status): \(String(decoding: self.body.prefix(300), as: UTF8.self))"
    }
}
