/// Text inside XML 1.0 documents.
enum XMLText {
    /// The text as content or inside double quotes. Code points that XML cannot hold, even as references (§2.2), are written like
    /// `\u{1B}`.
    static func escaped(_ text: String, isAttribute: Bool = false) -> String {
        if text.utf8.allSatisfy({ Self.isPlain($0) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Bare, they would be read as spaces in an attribute, and a carriage return as a line feed anywhere.
            case "\r": result += "&#13;"
            case "\n", "\t": result += isAttribute ? "&#\(scalar.value);" : String(scalar)
            case " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}": result.unicodeScalars.append(scalar)
            default: result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return result
    }

    /// ` name="value"`.
    static func attribute(_ name: String, _ value: String) -> String {
        " \(name)=\"\(Self.escaped(value, isAttribute: true))\""
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): false
        default: byte >= 0x20 && byte < 0x7F
        }
    }
}
