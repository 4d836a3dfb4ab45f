import JSON

/// The buffers in which one store writes all its texts, and the documents it writes.
///
/// Field order is the one seen on the wire (device-shadow §3).
struct ShadowScratch: ~Copyable {
    private var text = JSONWriter(capacity: 4096)
    private var side = JSONWriter(capacity: 2048)
    private var stamp = TimestampText()

    init() {}

    /// The two texts of a section's tree.
    mutating func section(of tree: consuming ShadowTree) -> ShadowDocument.Section {
        self.text.clear()
        tree.writeState(into: &self.text)
        self.side.clear()
        tree.writeMetadata(into: &self.side, &self.stamp)
        return ShadowDocument.Section(tree: tree, state: self.text.copy(), metadata: self.side.copy())
    }

    /// `update/accepted`: the request's own state, in its own order, and the times of exactly those keys.
    mutating func updateAccepted(_ update: ShadowUpdate, version: Int64, seconds: Int64) -> [UInt8] {
        self.text.clear()
        self.text.literal("{\"state\":")
        self.text.value(update.state)
        self.text.literal(",\"metadata\":")
        self.stamp.writeShape(of: update.state, seconds, into: &self.text)
        self.writeVersion(version)
        return self.finished(seconds, update.clientToken)
    }

    /// `update/delta`, nil when desired and reported agree.
    mutating func updateDelta(
        _ document: borrowing ShadowDocument, seconds: Int64, clientToken: String?, _ rules: ShadowRules
    ) -> [UInt8]? {
        self.text.clear()
        self.text.literal("{\"version\":")
        self.text.integer(document.version)
        self.text.literal(",\"timestamp\":")
        self.text.integer(seconds)
        self.text.literal(",\"state\":")
        guard self.writeDelta(of: document, rules) else { return nil }
        self.text.literal(",\"metadata\":")
        self.text.raw(self.side)
        self.writeToken(clientToken)
        self.text.byte(UInt8(ascii: "}"))
        return self.text.copy()
    }

    /// The values that differ, nil when none do; to tell whether an update changed them.
    mutating func deltaState(of document: borrowing ShadowDocument, _ rules: ShadowRules) -> [UInt8]? {
        self.text.clear()
        return self.writeDelta(of: document, rules) ? self.text.copy() : nil
    }

    /// One side of `update/documents`.
    mutating func snapshot(of document: borrowing ShadowDocument) -> [UInt8] {
        self.text.clear()
        self.writeSnapshot(of: document)
        return self.text.copy()
    }

    /// `update/documents`.
    /// - Parameter previous: nil when the update created the shadow.
    mutating func updateDocuments(
        previous: [UInt8]?, current: borrowing ShadowDocument, seconds: Int64, clientToken: String?, _ rules: ShadowRules
    ) -> [UInt8] {
        self.text.clear()
        self.text.byte(UInt8(ascii: "{"))
        if let previous {
            self.text.literal("\"previous\":")
            self.text.raw(previous)
            self.text.byte(UInt8(ascii: ","))
        } else if rules.switches.writesNullPrevious {
            self.text.literal("\"previous\":null,")
        }
        self.text.literal("\"current\":")
        self.writeSnapshot(of: current)
        return self.finished(seconds, clientToken)
    }

    /// `get/accepted`.
    mutating func getAccepted(_ document: borrowing ShadowDocument, seconds: Int64, clientToken: String?, _ rules: ShadowRules) -> [UInt8] {
        self.text.clear()
        self.text.literal("{\"state\":{")
        let any = self.writeSections(document, .state)
        let mark = self.text.count
        if any { self.text.byte(UInt8(ascii: ",")) }
        self.text.literal("\"delta\":")
        if !self.writeDelta(of: document, rules) { self.text.truncate(to: mark) }
        self.text.literal("},\"metadata\":{")
        self.writeSections(document, .metadata)
        self.text.byte(UInt8(ascii: "}"))
        self.writeVersion(document.version)
        return self.finished(seconds, clientToken)
    }

    /// `delete/accepted`.
    mutating func deleteAccepted(version: Int64, seconds: Int64, clientToken: String?) -> [UInt8] {
        self.text.clear()
        self.text.literal("{\"version\":")
        self.text.integer(version)
        return self.finished(seconds, clientToken)
    }

    /// Any `rejected`.
    mutating func rejected(code: Int, message: String, seconds: Int64?, clientToken: String?) -> [UInt8] {
        self.text.clear()
        self.text.literal("{\"code\":")
        self.text.integer(Int64(code))
        self.text.literal(",\"message\":")
        self.text.quoted(message)
        if let seconds { return self.finished(seconds, clientToken) }
        self.writeToken(clientToken)
        self.text.byte(UInt8(ascii: "}"))
        return self.text.copy()
    }
}

extension ShadowScratch {
    private enum Part { case state, metadata }

    private mutating func writeSnapshot(of document: borrowing ShadowDocument) {
        self.text.literal("{\"state\":{")
        self.writeSections(document, .state)
        self.text.literal("},\"metadata\":{")
        self.writeSections(document, .metadata)
        self.text.byte(UInt8(ascii: "}"))
        self.writeVersion(document.version)
        self.text.byte(UInt8(ascii: "}"))
    }

    /// Desired before reported; absent sections are left out. True when there was one.
    @discardableResult
    private mutating func writeSections(_ document: borrowing ShadowDocument, _ part: Part) -> Bool {
        if let desired = document.desired {
            self.text.literal("\"desired\":")
            self.text.raw(part == .state ? desired.state : desired.metadata)
        }
        if let reported = document.reported {
            self.text.literal(document.desired == nil ? "\"reported\":" : ",\"reported\":")
            self.text.raw(part == .state ? reported.state : reported.metadata)
        }
        return document.desired != nil || document.reported != nil
    }

    /// Values into the text, times into the side buffer.
    private mutating func writeDelta(of document: borrowing ShadowDocument, _ rules: ShadowRules) -> Bool {
        self.side.clear()
        guard let desired = document.desired else { return false }
        return desired.tree.writeDelta(
            against: document.reported?.tree, state: &self.text, metadata: &self.side, &self.stamp,
            byValue: rules.switches.comparesNumbersByValue)
    }

    private mutating func writeVersion(_ version: Int64) {
        self.text.literal(",\"version\":")
        self.text.integer(version)
    }

    private mutating func writeToken(_ token: String?) {
        guard let token else { return }
        self.text.literal(",\"clientToken\":")
        self.text.quoted(token)
    }

    private mutating func finished(_ seconds: Int64, _ clientToken: String?) -> [UInt8] {
        self.text.literal(",\"timestamp\":")
        self.text.integer(seconds)
        self.writeToken(clientToken)
        self.text.byte(UInt8(ascii: "}"))
        return self.text.copy()
    }
}
