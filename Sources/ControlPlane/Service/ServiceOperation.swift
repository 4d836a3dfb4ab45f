import Broker
import HTTPTypes

/// What a request of the service's API asks for, with the names in its path, decoded and not yet judged.
enum ServiceOperation: Equatable, Sendable {
    case getThingShadow(thing: String)
    case updateThingShadow(thing: String)
    case deleteThingShadow(thing: String)
    case listNamedShadowsForThing(thing: String)
    case publish(topic: String)
    case getRetainedMessage(topic: String)
    case listRetainedMessages
    case getConnection(client: String)
    case deleteConnection(client: String)
    case listSubscriptions(client: String)
    case sendDirectMessage(client: String)
    case describeEndpoint
    case createThing(thing: String)
    case describeThing(thing: String)
    case updateThing(thing: String)
    case deleteThing(thing: String)
    case listThings

    var plane: ServicePlane {
        switch self {
        case .getThingShadow, .updateThingShadow, .deleteThingShadow, .listNamedShadowsForThing, .publish, .getRetainedMessage,
            .listRetainedMessages, .getConnection, .deleteConnection, .listSubscriptions, .sendDirectMessage:
            .data
        case .describeEndpoint, .createThing, .describeThing, .updateThing, .deleteThing, .listThings:
            .control
        }
    }
}
