import Broker
import HTTPTypes

/// What a request of the service's API asks for, with the names in its path, decoded and not yet judged.
enum ServiceOperation: Equatable, Sendable {
    case getThingShadow(thing: String)
    case updateThingShadow(thing: String)
    case deleteThingShadow(thing: String)
    case listNamedShadowsForThing(thing: String)

    var plane: ServicePlane {
        switch self {
        case .getThingShadow, .updateThingShadow, .deleteThingShadow, .listNamedShadowsForThing: .data
        }
    }

    /// What it shows is always what the journal has while that cannot write.
    var readsShadowsOnly: Bool {
        switch self {
        case .getThingShadow, .listNamedShadowsForThing: true
        case .updateThingShadow, .deleteThingShadow: false
        }
    }
}

/// A path of the service's API. Source: `device-shadow.md` §12, `mqtt.md` §13, `iot-core-services.md` §1, §2.
enum ServiceResource: Equatable, Sendable {
    case shadow(thing: String)
    case namedShadows(thing: String)

    /// The resource of a path as sent; `nil` when the service has none there.
    init?(path: Substring) throws(ServiceError) {
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        switch (segments.count, segments.first) {
        case (3, "things") where segments[2] == "shadow":
            self = .shadow(thing: try Self.decoded(segments[1]))
        case (5, "api") where segments[1...3].elementsEqual(["things", "shadow", "ListNamedShadowsForThing"]):
            self = .namedShadows(thing: try Self.decoded(segments[4]))
        default:
            return nil
        }
    }

    /// `nil` when the path has no such method.
    func operation(_ method: HTTPRequest.Method) -> ServiceOperation? {
        switch (self, method) {
        case (.shadow(let thing), .get): .getThingShadow(thing: thing)
        case (.shadow(let thing), .post): .updateThingShadow(thing: thing)
        case (.shadow(let thing), .delete): .deleteThingShadow(thing: thing)
        case (.namedShadows(let thing), .get): .listNamedShadowsForThing(thing: thing)
        case (.shadow, _), (.namedShadows, _): nil
        }
    }

    var methods: [HTTPRequest.Method] {
        [.get, .post, .patch, .delete].filter { self.operation($0) != nil }
    }

    private static func decoded(_ segment: some StringProtocol) throws(ServiceError) -> String {
        do throws(PercentText.Fault) {
            return try PercentText.decode(segment)
        } catch {
            throw .invalid("The path cannot be read: \(error.text).")
        }
    }
}
