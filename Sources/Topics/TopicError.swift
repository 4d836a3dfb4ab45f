/// Why bytes are not a topic name or not a topic filter. Offsets count bytes from the start as written.
package enum TopicError: Error, Hashable, Sendable {
    /// At least one character is required. [MQTT-4.7.3-1]
    case empty
    /// Longer than MQTT or the service allows. [MQTT-4.7.3-3]; reference mqtt §5
    case tooLong(bytes: Int, limit: Int)
    /// Deeper than the service allows. Reference mqtt §5
    case tooManySlashes(slashes: Int, limit: Int)
    /// Not well-formed UTF-8 from `offset` on. [MQTT-1.5.4-1]
    case malformedUTF8(offset: Int)
    /// U+0000 is not allowed. [MQTT-4.7.3-2]
    case nullCharacter(offset: Int)
    /// `+` or `#` in a topic name. [MQTT-4.7.0-1] [MQTT-3.3.2-2]
    case wildcardInName(offset: Int)
    /// `#` that does not fill the last level. [MQTT-4.7.1-1]
    case misplacedHash(offset: Int)
    /// `+` that does not fill its level. [MQTT-4.7.1-2]
    case misplacedPlus(offset: Int)
    /// `$share//…`. [MQTT-4.8.2-1]
    case emptyShareName
    /// `+` or `#` in a share name. [MQTT-4.8.2-2]
    case wildcardInShareName(offset: Int)
    /// A share name longer than the service allows. Reference mqtt §6
    case shareNameTooLong(characters: Int, limit: Int)
    /// `$share/<name>` without a filter after it. [MQTT-4.8.2-2]
    case shareWithoutFilter

    /// One sentence for people: what is wrong and what to do.
    package var text: String {
        switch self {
        case .empty:
            "the topic is empty; at least one character is required"
        case .tooLong(let bytes, let limit):
            "the topic has \(bytes) bytes and at most \(limit) are allowed; shorten it"
        case .tooManySlashes(let slashes, let limit):
            "the topic has \(slashes) slashes and at most \(limit) are allowed; use fewer levels"
        case .malformedUTF8(let offset):
            "the topic is not valid UTF-8 at byte \(offset); encode topics as UTF-8"
        case .nullCharacter(let offset):
            "the topic contains U+0000 at byte \(offset); remove it"
        case .wildcardInName(let offset):
            "the topic contains a wildcard at byte \(offset); '+' and '#' are for subscriptions only"
        case .misplacedHash(let offset):
            "'#' at byte \(offset) of the filter is not a level of its own at the end; write it last, after a '/'"
        case .misplacedPlus(let offset):
            "'+' at byte \(offset) of the filter is not a level of its own; write it alone between slashes"
        case .emptyShareName:
            "the shared subscription has no name; write $share/<name>/<filter>"
        case .wildcardInShareName(let offset):
            "the name of the shared subscription contains a wildcard at byte \(offset); '+' and '#' belong in the filter after it"
        case .shareNameTooLong(let characters, let limit):
            "the name of the shared subscription has \(characters) characters and at most \(limit) are allowed; shorten it"
        case .shareWithoutFilter:
            "the shared subscription has no filter; write $share/<name>/<filter>"
        }
    }
}
