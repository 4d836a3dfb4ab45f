import Glibc

/// Colours for people: on a terminal only, and not where NO_COLOR is set.
struct TextStyle: Sendable {
    let isColoured: Bool

    static let plain = TextStyle(isColoured: false)

    /// What standard output is.
    static var output: TextStyle {
        TextStyle(isColoured: isatty(StandardStream.output.rawValue) == 1 && getenv("NO_COLOR") == nil)
    }

    func bold(_ text: String) -> String { self.coloured(text, 1) }
    func dim(_ text: String) -> String { self.coloured(text, 2) }
    func red(_ text: String) -> String { self.coloured(text, 31) }
    func green(_ text: String) -> String { self.coloured(text, 32) }
    func yellow(_ text: String) -> String { self.coloured(text, 33) }

    private func coloured(_ text: String, _ code: Int) -> String {
        self.isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
