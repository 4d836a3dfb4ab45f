/// Text that came from a client, made fit for one line of a log.
enum LogLine {
    /// Refusals with their explanation are about half as long.
    static let maximumBytes = 1024

    /// The text without line breaks and other control characters, and cut where it is too long for a log.
    static func clean(_ text: String) -> String {
        let isShort = text.utf8.count <= Self.maximumBytes
        if isShort, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            if line.utf8.count >= Self.maximumBytes { return "\(line)… (\(text.utf8.count) bytes)" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
