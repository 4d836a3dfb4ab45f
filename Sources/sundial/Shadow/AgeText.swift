/// How long ago something was: `now`, `5 s ago`, `3 min ago`, `2 h ago`, `4 d ago`.
enum AgeText {
    static func of(seconds: Int64) -> String {
        switch seconds {
        case ..<0: "in \(Self.amount(0 - seconds))"
        case 0: "now"
        default: "\(Self.amount(seconds)) ago"
        }
    }

    private static func amount(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
