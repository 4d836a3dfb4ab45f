/// The name a client gives itself in CONNECT, or was given by the broker (MQTT 5 §3.1.3.1).
package struct ClientID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var description: String { self.text }
}
