import JSON
import Timeline

/// The variables whose values come while a plan runs: captured ones, `${now}` and `${epoch}`.
struct RunValues: LateValues, Sendable {
    var captured: [String: JSONValue] = [:]
    var start = Instant.zero
    var startWall = WallTime(secondsSinceEpoch: 0)
    var now = Instant.zero

    func lateValue(of name: String) -> JSONValue? {
        switch name {
        case "now": .string(self.wall.iso8601)
        case "epoch": .number(JSONNumber(self.wall.secondsSinceEpoch))
        default: self.captured[name]
        }
    }

    private var wall: WallTime { self.startWall + (self.now - self.start) }
}

/// Which attempt of which step a clientToken belongs to: the last one that used it.
struct TokenTable: Sendable {
    private let window: Int
    private var steps: [String: (step: StepNumber, attempt: Int)] = [:]
    private var recent: [String] = []
    private var next = 0

    init(window: Int = 10_000) {
        self.window = max(window, 1)
    }

    mutating func add(_ token: String, _ step: StepNumber, attempt: Int) {
        if self.recent.count < self.window {
            self.recent.append(token)
        } else {
            self.steps[self.recent[self.next]] = nil
            self.recent[self.next] = token
            self.next = (self.next + 1) % self.window
        }
        self.steps[token] = (step, attempt)
    }

    func user(of token: String) -> (step: StepNumber, attempt: Int)? { self.steps[token] }
}
