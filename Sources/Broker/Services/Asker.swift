package import Sessions

/// Who asked a service for something.
package enum Asker: Equatable, Sendable, CustomStringConvertible {
    /// An MQTT client, and who its door found it to be; `nil` for anonymous.
    case client(ClientID, principal: String?)
    /// A signed HTTP request, by its access key id.
    case accessKey(String)
    /// An HTTP request where signatures are not checked, or the process itself.
    case unnamed

    package var clientID: ClientID? {
        if case .client(let id, _) = self { id } else { nil }
    }

    package var principal: String? {
        switch self {
        case .client(_, let principal): principal
        case .accessKey(let id): id
        case .unnamed: nil
        }
    }

    package var description: String {
        switch self {
        case .client(let id, _): id.text
        case .accessKey(let id): id
        case .unnamed: "-"
        }
    }
}
