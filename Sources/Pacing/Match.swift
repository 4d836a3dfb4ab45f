import JSON
package import Topics

/// A description of messages; everything that is given must hold. Source: scheduler §16.5.
package struct Match: Sendable {
    package var topic: TopicFilter?
    package var json: JSONPattern?
    /// The whole payload as text; may hold late variables.
    package var text: String?
    package var regex: String?
    package var qos: UInt8?
    package var retain: Bool?
    /// Who published it: a client of the scenario or `service`.
    package var from: String?
    /// As seen by that client; nil is as seen inside the broker.
    package var client: String?
    package var causedBy: StepNumber?
    /// Everything that is given here.
    package var properties: MessageProperties?

    package init(
        topic: TopicFilter? = nil, json: JSONPattern? = nil, text: String? = nil, client: String? = nil, causedBy: StepNumber? = nil
    ) {
        self.topic = topic
        self.json = json
        self.text = text
        self.client = client
        self.causedBy = causedBy
    }

    /// Whether the message is one of those described.
    func matches(_ message: ObservedMessage, hashMatchesParent: Bool, _ variables: some LateValues) -> Bool {
        guard message.client == self.client else { return false }
        if let causedBy, message.causedBy != causedBy { return false }
        if let qos, message.qos != qos { return false }
        if let retain, message.retain != retain { return false }
        if let from, message.publisher != from { return false }
        if let properties, !properties.isPart(of: message.properties) { return false }
        if let topic, !topic.matches(message.topic, hashMatchesParent: hashMatchesParent) { return false }
        if self.text != nil || self.regex != nil {
            let payload = String(decoding: message.payload, as: UTF8.self)
            if let text {
                guard let expected = try? LateText.filledText(text, from: variables), payload == expected else { return false }
            }
            if let regex, !TextPattern.matches(payload, regex) { return false }
        }
        if let json {
            guard let value = try? JSONValue(parsing: message.payload) else { return false }
            return json.matches(value, variables)
        }
        return true
    }
}

/// How many messages an expectation wants. Source: scheduler §16.5 `count`.
package enum CountRule: Equatable, Sendable {
    case atLeast(Int)
    /// Both ends included. Waits the whole time, to be sure there is no more.
    case between(Int, Int)

    package static let one = CountRule.atLeast(1)

    /// As a person says it.
    var text: String {
        switch self {
        case .atLeast(1): "a message"
        case .atLeast(let least): "at least \(least) messages"
        case .between(let least, let most) where least == most: least == 1 ? "exactly 1 message" : "exactly \(least) messages"
        case .between(let least, let most): "\(least) to \(most) messages"
        }
    }
}

/// From when on an observing step looks at messages. Source: scheduler §16.5 `from`.
package enum LookBack: Equatable, Sendable {
    case planned
    case start
    case dispatch(of: StepNumber)
}

/// What an `expect` step wants to see.
package struct Expectation: Sendable {
    package var match: Match
    /// Counts from the step's planned time.
    package var within: Duration
    package var count: CountRule
    package var from: LookBack
    /// Variables to take from the matching message, by JSON pointer.
    package var captures: [Capture]

    package struct Capture: Sendable {
        package var name: String
        package var pointer: String

        package init(name: String, pointer: String) {
            self.name = name
            self.pointer = pointer
        }
    }

    package init(
        _ match: Match, within: Duration = .seconds(1), count: CountRule = .one, from: LookBack = .planned, captures: [Capture] = []
    ) {
        self.match = match
        self.within = within
        self.count = count
        self.from = from
        self.captures = captures
    }
}

/// A message as the shell saw it.
package struct ObservedMessage: Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: UInt8
    package var retain: Bool
    /// The scenario client that received it; nil for what passes inside the broker (or the runner's own tap on a remote target).
    package var client: String?
    /// The scenario client that published it, `service`, or nil when unknown.
    package var publisher: String?
    /// The step whose packet caused it; nil when unknown.
    package var causedBy: StepNumber?
    /// The attempt of that step; nil when unknown.
    package var attempt: Int?
    package var properties: MessageProperties

    package init(
        topic: String, payload: [UInt8], qos: UInt8 = 0, retain: Bool = false, client: String? = nil, publisher: String? = nil,
        causedBy: StepNumber? = nil, attempt: Int? = nil, properties: MessageProperties = .init()
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.client = client
        self.publisher = publisher
        self.causedBy = causedBy
        self.attempt = attempt
        self.properties = properties
    }
}
