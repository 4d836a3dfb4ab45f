import Testing

@testable import sundial

/// What clients send cannot forge or break lines of the log.
@Suite struct LogLineTests {
    @Test(arguments: [
        ("lamp", "lamp"), ("Küche…", "Küche…"), ("a\nb\r\nc", "a\\nb\\r\\nc"), ("\u{1B}[31mred", "\\u{1B}[31mred"),
        ("\u{202E}evil\u{2028}", "\\u{202E}evil\\u{2028}"), ("\u{0}\u{7F}\u{85}", "\\0\\u{7F}\\u{0085}"),
    ])
    func controlCharactersAreEscaped(text: String, line: String) {
        #expect(LogLine.clean(text) == line)
    }

    @Test func aLongNameIsCutAndItsLengthSaid() {
        let line = LogLine.clean(String(repeating: "x", count: 60_000))
        #expect(line.utf8.count < LogLine.maximumBytes + 40)
        #expect(line.hasSuffix("(60000 bytes)"))
    }
}
