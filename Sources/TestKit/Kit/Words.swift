/// How times are said in messages.
enum Words {
    /// Seconds with three decimals: `1.500`.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let fraction = "\(1000 + milliseconds.magnitude % 1000)".dropFirst()
        return "\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1000).\(fraction)"
    }

    /// `2 s`, `1.5 s`, `250 ms`.
    static func time(_ duration: Duration) -> String {
        if duration > .zero, duration < .seconds(1) {
            let text = "\(duration / .milliseconds(1))"
            return "\(text.hasSuffix(".0") ? text.dropLast(2) : text[...]) ms"
        }
        let text = "\(duration / .seconds(1))"
        return "\(text.hasSuffix(".0") ? text.dropLast(2) : text[...]) s"
    }
}
