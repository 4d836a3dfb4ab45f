/// A name-value pair whose meaning the application gives (MQTT 5 §3.1.2.11.8).
///
/// Order is kept and names may repeat.
@usableFromInline
package struct UserProperty: Hashable, Sendable {
    /// The name; valid UTF-8 without U+0000.
    package var name: String
    /// The value; valid UTF-8 without U+0000.
    package var value: String

    /// A pair as it is written.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
