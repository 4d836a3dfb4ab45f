package import Sessions

/// Who asked a service for something.
package enum Asker: Equatable, Sendable, CustomStringConvertible {
    /// An MQTT client.
    case client(ClientID)
    /// A signed HTTP request, by its access key id.
    case accessKey(String)
    /// An HTTP request where signatures are not checked, or the process itself.
    case unnamed

    package var description: String {
        switch self {
        case .client(let id): id.text
        case .accessKey(let id): id
        case .unnamed: "-"
        }
    }
}
