/// The name of a thing: 1 to 128 of `a-z A-Z 0-9 : _ -` (AWS API reference, `ThingName`).
package struct ThingName: Hashable, Comparable, Sendable {
    package static let maximumBytes = 128

    package let text: String

    /// Nil when the name is not allowed.
    package init?(_ text: String) {
        guard NameRule.allows(text.utf8, maximumBytes: Self.maximumBytes, dollar: false) else { return nil }
        self.text = text
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard NameRule.allows(bytes, maximumBytes: Self.maximumBytes, dollar: false) else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: ThingName, right: ThingName) -> Bool {
        left.text < right.text
    }
}

/// The name of a named shadow: 1 to 64 of `$ a-z A-Z 0-9 : _ -` (AWS API reference, `ShadowName`).
package struct ShadowName: Hashable, Comparable, Sendable {
    package static let maximumBytes = 64

    package let text: String

    /// Nil when the name is not allowed.
    package init?(_ text: String) {
        guard NameRule.allows(text.utf8, maximumBytes: Self.maximumBytes, dollar: true) else { return nil }
        self.text = text
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard NameRule.allows(bytes, maximumBytes: Self.maximumBytes, dollar: true) else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: ShadowName, right: ShadowName) -> Bool {
        left.text < right.text
    }
}

/// One shadow of one thing; no name means the classic shadow.
package struct ShadowID: Hashable, Sendable {
    package let thing: ThingName
    package let name: ShadowName?

    package init(thing: ThingName, name: ShadowName? = nil) {
        self.thing = thing
        self.name = name
    }

    /// What all topics of this shadow start with, without a slash at the end.
    package var topicPrefix: String {
        if let name = self.name {
            "$aws/things/\(self.thing.text)/shadow/name/\(name.text)"
        } else {
            "$aws/things/\(self.thing.text)/shadow"
        }
    }
}

private enum NameRule {
    static func allows(_ bytes: some Collection<UInt8>, maximumBytes: Int, dollar: Bool) -> Bool {
        let count = bytes.count
        guard count >= 1, count <= maximumBytes else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            case UInt8(ascii: "$"): dollar
            default: false
            }
        }
    }
}
