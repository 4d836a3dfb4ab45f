import HTTPTypes

/// A path of the service's API. Source: `device-shadow.md` §12, `mqtt.md` §13, `iot-core-services.md` §1, §2.
enum ServiceResource: Equatable, Sendable {
    case shadow(thing: String)
    case namedShadows(thing: String)
    case topic(String)
    case retainedMessages
    case retainedMessage(topic: String)
    case connection(client: String)
    case subscriptions(client: String)
    case directMessages(client: String)
    case endpoint
    case things
    case thing(String)

    /// The resource of a path as sent; `nil` when the service has none there.
    init?(path: Substring) throws(ServiceError) {
        // A topic may be written with its slashes as they are.
        if let topic = Self.rest(of: path, after: "/topics/") {
            self = .topic(try Self.decoded(topic))
            return
        }
        if let topic = Self.rest(of: path, after: "/retainedMessage/") {
            self = .retainedMessage(topic: try Self.decoded(topic))
            return
        }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        switch (segments.count, segments.first) {
        case (3, "things") where segments[2] == "shadow":
            self = .shadow(thing: try Self.decoded(segments[1]))
        case (5, "api") where segments[1...3].elementsEqual(["things", "shadow", "ListNamedShadowsForThing"]):
            self = .namedShadows(thing: try Self.decoded(segments[4]))
        case (1, "retainedMessage"):
            self = .retainedMessages
        case (2, "connections"):
            self = .connection(client: try Self.decoded(segments[1]))
        case (3, "connections") where segments[2] == "subscriptions":
            self = .subscriptions(client: try Self.decoded(segments[1]))
        case (3, "connections") where segments[2] == "messages":
            self = .directMessages(client: try Self.decoded(segments[1]))
        case (1, "endpoint"):
            self = .endpoint
        case (1, "things"):
            self = .things
        case (2, "things"):
            self = .thing(try Self.decoded(segments[1]))
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
        case (.topic(let topic), .post): .publish(topic: topic)
        case (.retainedMessages, .get): .listRetainedMessages
        case (.retainedMessage(let topic), .get): .getRetainedMessage(topic: topic)
        case (.connection(let client), .get): .getConnection(client: client)
        case (.connection(let client), .delete): .deleteConnection(client: client)
        case (.subscriptions(let client), .get): .listSubscriptions(client: client)
        case (.directMessages(let client), .post): .sendDirectMessage(client: client)
        case (.endpoint, .get): .describeEndpoint
        case (.things, .get): .listThings
        case (.thing(let thing), .get): .describeThing(thing: thing)
        case (.thing(let thing), .post): .createThing(thing: thing)
        case (.thing(let thing), .patch): .updateThing(thing: thing)
        case (.thing(let thing), .delete): .deleteThing(thing: thing)
        case (.shadow, _), (.namedShadows, _), (.topic, _), (.retainedMessages, _), (.retainedMessage, _), (.connection, _),
            (.subscriptions, _), (.directMessages, _), (.endpoint, _), (.things, _), (.thing, _):
            nil
        }
    }

    var methods: [HTTPRequest.Method] {
        [.get, .post, .patch, .delete].filter { self.operation($0) != nil }
    }

    private static func rest(of path: Substring, after prefix: String) -> Substring? {
        path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : nil
    }

    private static func decoded(_ segment: Substring) throws(ServiceError) -> String {
        do throws(PercentText.Fault) {
            return try PercentText.decode(segment)
        } catch {
            throw .invalid("The path cannot be read: \(error.text).")
        }
    }
}
