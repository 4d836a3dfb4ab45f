extension Sundial {
    /// A message that passed.
    public struct Message: Equatable, Sendable {
        /// Where it was published.
        public let topic: String
        /// What it carried.
        public let payload: [UInt8]
        /// 0, 1 or 2.
        public let qos: Int
        /// As published: whether it is to be kept. As received: whether it was kept and is sent because of a new subscription.
        public let retain: Bool
        /// The client id of who published it; `nil` for the service, and where it is not known.
        public let publisher: String?
        /// When it was seen, on the kit's clock, since the kit's start.
        public let time: Duration

        /// The payload as text; what is not UTF-8 is replaced by U+FFFD.
        public var text: String { String(decoding: self.payload, as: UTF8.self) }

        /// The payload as JSON; `nil` when it is none.
        public var json: JSON? { try? JSON(parsing: self.payload) }
    }
}

extension Sundial.Message: CustomStringConvertible {
    private static let shownCharacters = 200

    /// `1.000 s  a/b  {"n":1}  qos 1, retained`.
    public var description: String {
        let marks = "qos \(self.qos)" + (self.retain ? ", retained" : "")
        return "\(Words.seconds(self.time)) s  \(self.topic)  \(self.shownPayload)  \(marks)"
    }

    /// The payload in one line, cut where it is long.
    private var shownPayload: String {
        if self.payload.isEmpty { return "(empty)" }
        guard let text = String(validating: self.payload, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return "(\(self.payload.count) bytes)" }
        return text.count > Self.shownCharacters ? "\(text.prefix(Self.shownCharacters))… (\(self.payload.count) bytes)" : text
    }
}
