import Shadows
import Topics

/// What follows from a step's kind.
extension Step {
    /// Who acts; nil for steps that only observe.
    package var actor: Publisher? {
        switch self.kind {
        case .connect(let spec): .client(spec.client)
        case .disconnect(let client, _), .drop(let client, _), .subscribe(let client, _, _), .unsubscribe(let client, _): .client(client)
        case .publish(let publication): publication.publisher
        case .expect, .never, .order, .shadowIs, .react, .block, .clock, .mark, .note: nil
        }
    }

    package var publication: Publication? {
        if case .publish(let publication) = self.kind { publication } else { nil }
    }

    package var block: Block? {
        if case .block(let block) = self.kind { block } else { nil }
    }

    /// The filters of `sub` and `unsub`.
    var filters: [TopicFilter] {
        switch self.kind {
        case .subscribe(_, let filters, _), .unsubscribe(_, let filters): filters
        case .connect, .disconnect, .drop, .publish, .expect, .never, .order, .shadowIs, .react, .block, .clock, .mark, .note: []
        }
    }

    /// `line 3`, with the file when it is an included one.
    var placeText: String { "line \(self.line)" + (self.file.map { " of \($0)" } ?? "") }

    /// The verb as files write it.
    package var verb: String {
        switch self.kind {
        case .connect: "connect"
        case .disconnect: "disconnect"
        case .drop: "drop"
        case .subscribe: "sub"
        case .unsubscribe: "unsub"
        case .publish(let publication): publication.shadow.map { "\($0.operation.text)" } ?? "pub"
        case .expect: "expect"
        case .never: "never"
        case .order: "order"
        case .shadowIs: "shadowIs"
        case .react(let reaction): reaction.verb
        case .block(let block): block.kind == .par ? "par" : "repeat"
        case .clock: "clock"
        case .mark: "mark"
        case .note: "note"
        }
    }

    /// Whether later steps wait for this one (scheduler §5).
    package var isBarrier: Bool {
        switch self.kind {
        case .connect, .subscribe, .unsubscribe, .clock: self.options.isBarrier && !self.options.isSkipped
        case .disconnect, .drop, .publish, .expect, .never, .order, .shadowIs, .react, .block, .mark, .note: false
        }
    }

    var movesTime: Bool {
        if case .clock = self.kind { true } else { false }
    }

    /// Whether it makes, ends or fits out a client.
    var isOfClients: Bool { self.publication == nil && self.actor != nil }
}
