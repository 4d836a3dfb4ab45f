import COpenSSL

/// The client's side of the WebSocket opening handshake (RFC 6455 §4.1): the request, and the judgement of the answer.
struct UpgradeMachine {
    enum Outcome: Equatable {
        case needsMore
        /// Upgraded; these bytes came behind the answer.
        case upgraded(rest: [UInt8])
        case failed(MQTTClientError)
    }

    private let request: String
    private let expectedAccept: String
    private let subprotocol: String
    /// Must not appear in an error: a server may repeat what it was asked.
    private let secretQuery: String?
    private var received: [UInt8] = []

    /// An answer's head beyond this is refused.
    static let maximumHeadBytes = 16384
    /// As much of a refusal's body is kept.
    static let maximumBodyBytes = 4096

    /// - Parameters:
    ///   - target: path and query, sent as given.
    ///   - key: 16 random bytes.
    init(
        target: String, host: String, subprotocol: String, headers: [(name: String, value: String)] = [], key: [UInt8]
    ) {
        let keyText = Self.base64(key)
        var request = "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        request += "Sec-WebSocket-Key: \(keyText)\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: \(subprotocol)\r\n"
        for header in headers { request += "\(header.name): \(header.value)\r\n" }
        self.request = request + "\r\n"
        self.expectedAccept = Self.accept(for: keyText)
        self.subprotocol = subprotocol
        self.secretQuery = target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    /// What to send first.
    var requestBytes: [UInt8] { Array(self.request.utf8) }

    mutating func received(_ bytes: some Sequence<UInt8>) -> Outcome {
        self.received.append(contentsOf: bytes)
        return self.judge(isAtEnd: false)
    }

    /// The server closed the connection: what came is all there is.
    mutating func ended() -> Outcome {
        let outcome = self.judge(isAtEnd: true)
        guard case .needsMore = outcome else { return outcome }
        return .failed(.webSocketViolation("it closed the connection instead of answering the upgrade; is this a WebSocket port?"))
    }

    private func judge(isAtEnd: Bool) -> Outcome {
        guard let head = Self.headEnd(self.received) else {
            if self.received.count >= 5, !self.received.starts(with: "HTTP/".utf8) {
                return .failed(.webSocketViolation("its answer to the upgrade is not HTTP; is this a WebSocket port?"))
            }
            return self.received.count > Self.maximumHeadBytes
                ? .failed(.webSocketViolation("the answer to the upgrade has no end")) : .needsMore
        }
        let lines = String(decoding: self.received[..<head], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return .failed(.webSocketViolation("its answer to the upgrade is not HTTP; is this a WebSocket port?"))
        }
        let fields = Self.fields(lines.dropFirst())
        guard status == 101 else {
            return self.refusal(status, String(words.count > 2 ? words[2] : ""), fields, bodyStart: head + 4, isAtEnd: isAtEnd)
        }
        if let fault = self.fault(in: fields) { return .failed(.webSocketViolation(fault)) }
        return .upgraded(rest: Array(self.received[(head + 4)...]))
    }

    /// What is wrong with a 101 (RFC 6455 §4.1, the checks after step 5).
    private func fault(in fields: [String: String]) -> String? {
        guard fields["upgrade"]?.lowercased() == "websocket" else { return "its 101 does not upgrade to websocket" }
        guard fields["connection"]?.lowercased().contains("upgrade") == true else { return "its 101 has no Connection: Upgrade" }
        guard fields["sec-websocket-accept"] == self.expectedAccept else { return "its sec-websocket-accept does not fit our key" }
        if let chosen = fields["sec-websocket-protocol"], chosen != self.subprotocol {
            return "it chose the subprotocol \(chosen), offered was \(self.subprotocol)"
        }
        if let extensions = fields["sec-websocket-extensions"] { return "it uses extensions nobody offered: \(extensions)" }
        return nil
    }

    /// A refusal is complete when its body is: by its length, by the end of the connection, or when we have read enough.
    private func refusal(_ status: Int, _ phrase: String, _ fields: [String: String], bodyStart: Int, isAtEnd: Bool) -> Outcome {
        let body = self.received[bodyStart...]
        let wanted = fields["content-length"].flatMap { Int($0) } ?? (fields["transfer-encoding"] == nil && status != 200 ? 0 : .max)
        guard isAtEnd || body.count >= min(max(0, wanted), Self.maximumBodyBytes) else { return .needsMore }
        var text = String(decoding: body.prefix(min(max(0, wanted), Self.maximumBodyBytes)), as: UTF8.self)
        var explanation = fields["x-sundial-explanation"]
        if let location = fields["location"], (300..<400).contains(status), explanation == nil {
            explanation = "it redirects to \(location.split(separator: "?")[0]); connect there"
        }
        if let secret = self.secretQuery, !secret.isEmpty {
            if text.contains(secret) { text = "(not shown, since it repeats the signed URL)" }
            if explanation?.contains(secret) == true { explanation = nil }
        }
        return .failed(.upgradeRefused(UpgradeRefusal(status: status, phrase: phrase, explanation: explanation, body: text)))
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        bytes.firstRange(of: Array("\r\n\r\n".utf8))?.lowerBound
    }

    /// Names in lower case; a field that repeats is joined with commas (RFC 9110 §5.3).
    private static func fields(_ lines: some Sequence<Substring>) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            let value = Self.trimmed(line[line.index(after: colon)...])
            fields[name] = fields[name].map { "\($0), \(value)" } ?? value
        }
        return fields
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = text.firstIndex(where: { !isBlank($0) }), let last = text.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(text[first...last])
    }

    /// Base64 of the SHA-1 of the key and RFC 6455's own identifier (§4.2.2).
    static func accept(for key: String) -> String {
        let text = Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        _ = SHA1(text, text.count, &digest)
        return Self.base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        // EVP_EncodeBlock adds a zero byte behind the text.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
