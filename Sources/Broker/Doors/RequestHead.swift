/// The head of an HTTP/1.1 request, as sent: nothing decoded, nothing normalised (RFC 9112 §2).
///
/// Only what decides about an upgrade is read here; every other request goes to an HTTP library.
struct RequestHead: Equatable {
    let method: String
    /// Path and query, undecoded.
    let target: String
    let headers: [(name: String, value: String)]

    struct Malformed: Error, Equatable {
        let text: String
    }

    static func == (left: RequestHead, right: RequestHead) -> Bool {
        left.method == right.method && left.target == right.target
            && left.headers.elementsEqual(right.headers) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Where the head ends (after its empty line); `nil` while it is incomplete.
    static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 { return index + 1 }
            index += 1
        }
        return nil
    }

    /// - Parameter bytes: a complete head, with its empty line.
    init(_ bytes: UnsafeRawBufferPointer) throws(Malformed) {
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { $0.last == 13 ? $0.dropLast() : $0 }
        let parts = lines.removeFirst().split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].starts(with: "HTTP/1.".utf8), let target = Self.text(parts[1]), !target.isEmpty else {
            throw Malformed(text: "the request line is not METHOD TARGET HTTP/1.1")
        }
        guard let method = Self.text(parts[0]) else { throw Malformed(text: "the method is not text") }
        var headers: [(name: String, value: String)] = []
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: 58), colon > line.startIndex, let name = Self.text(line[..<colon]),
                !name.contains(where: { $0 == " " || $0 == "\t" }), let value = Self.text(line[(colon + 1)...])
            else { throw Malformed(text: "a header line is not NAME: VALUE") }
            headers.append((name, Self.trimmed(value)))
        }
        self.method = method
        self.target = target
        self.headers = headers
    }

    /// The first header of this name, whatever its case.
    func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name }?.value
    }

    /// A WebSocket handshake (RFC 6455 §4.2.1).
    var asksForWebSocket: Bool {
        self.method == "GET" && self.header("upgrade")?.lowercased().contains("websocket") == true
            && self.header("connection")?.lowercased().contains("upgrade") == true
    }

    /// The target without its query.
    var path: Substring { self.target.prefix { $0 != "?" } }

    private static func text(_ bytes: some Sequence<UInt8>) -> String? {
        let array = Array(bytes)
        guard !array.contains(where: { ($0 < 32 && $0 != 9) || $0 == 127 }) else { return nil }
        return String(validating: array, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(text[first...last])
    }
}
