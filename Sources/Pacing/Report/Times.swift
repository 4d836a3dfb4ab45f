/// Durations and times of a run as people read them.
enum Times {
    /// Seconds with as many decimals as needed, at least `least`.
    static func seconds(_ duration: Duration, decimals least: Int = 3) -> String {
        let (seconds, attoseconds) = duration.components
        let isNegative = duration < .zero
        var fraction = String((attoseconds / 1_000_000_000).magnitude)
        fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
        while fraction.utf8.count > least, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(isNegative ? "-" : "")\(seconds.magnitude)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// `1.5 s`, `250 ms`: for sentences.
    static func text(_ duration: Duration) -> String {
        duration < .seconds(1) && duration > .zero
            ? "\(Self.seconds(duration * 1000, decimals: 0)) ms" : "\(Self.seconds(duration, decimals: 0)) s"
    }

    /// Seconds to the millisecond, for tables.
    static func column(_ duration: Duration?) -> String {
        guard let duration else { return "-" }
        let rounded = Duration.milliseconds(
            (duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000 + 500) / 1000)
        return Self.seconds(rounded)
    }
}

/// Reason codes in messages.
enum Hex {
    static func byte(_ value: UInt8) -> String {
        "0x" + (value < 16 ? "0" : "") + String(value, radix: 16, uppercase: true)
    }
}
