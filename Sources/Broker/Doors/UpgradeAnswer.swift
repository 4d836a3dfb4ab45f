import COpenSSL
import NIOCore
import SigV4

/// The answers a door gives itself, without an HTTP library: 101, and refusals of an upgrade.
///
/// Header names are in lower case: some clients look for `sec-websocket-accept` literally.
enum UpgradeAnswer {
    /// RFC 6455 §4.2.2. The subprotocol is the one the client offered; extensions are never agreed.
    static func switchingProtocols(key: String, offered: String?) -> ByteBuffer {
        var text = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        text += "sec-websocket-accept: \(Self.accept(key))\r\n"
        if let name = Self.subprotocol(offered) { text += "sec-websocket-protocol: \(name)\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }

    /// `mqtt` or `mqttv3.1`, whichever is offered first; the MQTT version is CONNECT's to say.
    static func subprotocol(_ offered: String?) -> String? {
        guard let offered else { return nil }
        let names = offered.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        return names.first { $0.lowercased() == "mqtt" || $0.lowercased() == "mqttv3.1" }
    }

    static func refusal(status: Int, phrase: String, headers: [(String, String)], body: [UInt8]) -> ByteBuffer {
        var text = "HTTP/1.1 \(status) \(phrase)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        text += "content-length: \(body.count)\r\n\r\n"
        return ByteBuffer(bytes: Array(text.utf8) + body)
    }

    /// A refusal in the plain words of a person, for what AWS has no answer to.
    static func refusal(status: Int, phrase: String, message: String) -> ByteBuffer {
        let headers = [
            ("content-type", "text/plain; charset=utf-8"), ("connection", "close"), ("access-control-allow-origin", "*"),
            ("sec-websocket-version", "13"),
        ]
        return Self.refusal(status: status, phrase: phrase, headers: headers, body: Array((message + "\n").utf8))
    }

    private static func accept(_ key: String) -> String {
        let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        _ = SHA1(input, input.count, &digest)
        var text = [UInt8](repeating: 0, count: 29)
        _ = EVP_EncodeBlock(&text, digest, 20)
        return String(decoding: text.prefix(28), as: UTF8.self)
    }
}
