package import JSON
package import Shadows
package import Topics

/// A step's place in the order in which steps begin, from 0: that of the file, but for the passes of blocks. Names the step between
/// engine and shell.
package struct StepNumber: Hashable, Comparable, Sendable {
    package let rawValue: Int

    package init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    package static func < (left: StepNumber, right: StepNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Who publishes a step. Source: scheduler §7.
package enum Publisher: Hashable, Sendable {
    /// Injected inside the broker, without an MQTT session.
    case service
    /// A client of the scenario, by its scenario name.
    case client(String)

    /// As files and reports write it.
    package var text: String {
        switch self {
        case .service: "service"
        case .client(let name): name
        }
    }
}

/// One thing to do, as read from a file or built in code. Source: scheduler §3, §16.4.
package struct Step: Sendable {
    package var number: StepNumber
    /// Unique in the plan; unnamed steps are called by their verb and count: `update1`. In a pass its number is behind it: `update1.0`.
    package var id: String
    /// Line of the file, from 1; 0 for steps built in code.
    package var line: Int
    /// The included file that the line is of; nil is the scenario itself.
    package var file: String?
    /// Scenario time from ``origin``.
    package var planned: Duration
    package var origin = TimeOrigin.start
    package var kind: Kind
    package var options = Options()

    package init(number: StepNumber, id: String, line: Int = 0, planned: Duration = .zero, kind: Kind, options: Options = .init()) {
        self.number = number
        self.id = id
        self.line = line
        self.planned = planned
        self.kind = kind
        self.options = options
    }

    /// What is done.
    package indirect enum Kind: Sendable {
        case connect(ConnectSpec)
        case disconnect(client: String, reason: UInt8?)
        case drop(client: String, how: DropKind)
        case subscribe(client: String, filters: [TopicFilter], qos: UInt8)
        case unsubscribe(client: String, filters: [TopicFilter])
        case publish(Publication)
        case expect(Expectation)
        case never(Match, for: Duration)
        case order([Match], within: Duration, from: LookBack)
        case shadowIs(ShadowCheck)
        case react(Reaction)
        case block(Block)
        case clock(ClockChange)
        case mark(String)
        case note(String)
    }

    /// What stands beside the verb and applies to many verbs.
    package struct Options: Sendable {
        package var lane: String?
        package var after: [Dependency] = []
        package var gates: Gates?
        /// What the gate `quiet` waits for.
        package var quiet: QuietGate?
        /// What the gate `match` waits for.
        package var awaited: Match?
        package var timeout: Duration?
        package var onFail: FailurePolicy?
        package var late: LatePolicy?
        package var jitter: Jitter?
        /// `connect`, `sub` and `unsub` only.
        package var isBarrier = true
        package var isSkipped = false

        package init() {}
    }

    /// A step that must have settled first.
    package struct Dependency: Sendable {
        package var step: StepNumber
        package var delay: Duration

        package init(step: StepNumber, delay: Duration = .zero) {
            self.step = step
            self.delay = delay
        }
    }
}

/// What a step's planned time counts from. Source: scheduler §16.3.
package enum TimeOrigin: Equatable, Sendable {
    /// The start of the run, or of the pass or branch the step stands in.
    case start
    /// The end of the block before it at the same level.
    case blockEnd
}

/// A look at the state of a shadow; nothing is sent to it. Source: scheduler §16.4 `shadowIs`.
package struct ShadowCheck: Sendable {
    package var shadow: ShadowID
    /// The whole state: `{"desired": …, "reported": …}`; may hold late variables.
    package var equals: JSONValue?
    /// A part of the state.
    package var includes: JSONPattern?
    package var version: Int64?
    /// The shadow must not exist.
    package var isAbsent = false

    package init(_ shadow: ShadowID) {
        self.shadow = shadow
    }
}

/// Does something whenever a message matches, from its planned time to the end of the run. Source: scheduler §16.4 `on`, `device`.
package struct Reaction: Sendable {
    package var match: Match
    /// Its times count from the moment of the match.
    package var body: StepBody
    /// Matches answered; nil is every one.
    package var times: Int?
    /// When it ends by itself, in scenario time from the start of the run or the pass it stands in; nil is the end of the run.
    package var until: Duration?
    /// As files write it: `on`, or the `device` that is made of one.
    package var verb = "on"

    package init(_ match: Match, body: StepBody, times: Int? = nil, until: Duration? = nil) {
        self.match = match
        self.body = body
        self.times = times
        self.until = until
    }
}

/// A change of the run's clock. Source: scheduler §16.4 `clock`.
package enum ClockChange: Equatable, Sendable {
    /// Moves a virtual clock; the step settles when what that set off is done.
    case advance(Duration)
    /// Plans go on at another speed from here.
    case speed(Speed)
}

/// How a client is torn off. Source: scheduler §16.4 `drop`.
package enum DropKind: String, CaseIterable, Sendable {
    case close, reset, silent
}

/// What a client opens its connection with. Source: scheduler §16.4 `connect`.
package struct ConnectSpec: Sendable {
    /// The MQTT protocol level: 3 is 3.1, 4 is 3.1.1.
    package enum Version: UInt8, Sendable { case v31 = 3, v311 = 4, v5 = 5 }

    package struct Will: Sendable {
        package var topic: TopicName
        package var payload: Payload
        package var qos: UInt8
        package var retain: Bool
        /// Will delay (MQTT 5 §3.1.3.2.2), whole seconds.
        package var delaySeconds: UInt32
    }

    /// The scenario's name for it.
    package var client: String
    /// The MQTT client id.
    package var id: String
    package var version: Version = .v5
    package var clean = true
    /// Session expiry, whole seconds; nil is the protocol's default.
    package var expirySeconds: UInt32?
    package var keepAliveSeconds: UInt16 = 60
    package var will: Will?
    package var userName: String?
    package var password: String?
    /// Connect again after a lost connection and send again what was not acknowledged. Source: scheduler §7.
    package var reconnects = false

    package init(client: String, id: String? = nil) {
        self.client = client
        self.id = id ?? client
    }
}

/// A publish; a shadow request is one with an answer to come. Source: scheduler §16.4.
package struct Publication: Sendable {
    package var publisher: Publisher
    /// May hold late variables when this is no shadow request.
    package var topic: String
    package var payload: Payload
    package var qos: UInt8
    package var retain: Bool
    /// The request this is, when the shadow service will answer it.
    package var shadow: ShadowTopic?
    /// Add a clientToken against remote targets (scheduler §6).
    package var stampsToken = true
    package var expectedRejection: ExpectedRejection?
    /// MQTT 5 only.
    package var properties: MessageProperties?
    /// `version: "auto"`: the version last seen of the shadow is sent, and after a 409 the one read then. Source: scheduler §11, §20.4.
    package var hasAutomaticVersion = false

    package init(publisher: Publisher, topic: String, payload: Payload, qos: UInt8 = 1, retain: Bool = false, shadow: ShadowTopic? = nil) {
        self.publisher = publisher
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.shadow = shadow
    }
}

/// The rejection a step asks for, by code or by message text. Source: scheduler §11.
package enum ExpectedRejection: Equatable, Sendable {
    case code(Int)
    case text(String)

    func matches(code: Int, text: String) -> Bool {
        switch self {
        case .code(let expected): expected == code
        case .text(let expected): expected == text
        }
    }

    var text: String {
        switch self {
        case .code(let code): "\(code)"
        case .text(let text): "\"\(text)\""
        }
    }
}

/// What is sent. Source: scheduler §16.4 "Payload forms".
package enum Payload: Sendable {
    case bytes([UInt8])
    /// Text with late variables.
    case lateText(String)
    /// JSON; late variables are filled in when it is sent.
    case json(JSONValue, isLate: Bool)
    /// Seeded bytes, made when sent, so that a plan with many stays small.
    case seeded(count: Int)
}
