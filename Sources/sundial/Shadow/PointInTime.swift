import ArgumentParser
import Timeline

/// A time on the command line: `2026-01-02T03:04:05Z`, or how long ago: `90s`, `5min`, `2h`, `1d`.
enum PointInTime: ExpressibleByArgument, Equatable {
    case at(WallTime)
    case ago(seconds: Int64)

    init?(argument: String) {
        if let time = WallTime(iso8601: argument) {
            self = .at(time)
            return
        }
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Int64] = ["s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400]
        guard let count = Int64(digits), let unit = units[argument[digits.endIndex...]] else { return nil }
        let (seconds, isTooLong) = count.multipliedReportingOverflow(by: unit)
        if isTooLong { return nil }
        self = .ago(seconds: seconds)
    }

    func time(now: WallTime) -> WallTime {
        switch self {
        case .at(let time): time
        case .ago(let seconds): now - .seconds(seconds)
        }
    }
}
