import Broker
import Hummingbird
import Shadows

extension ServiceRequest {
    /// Does what is asked. On the core's loop.
    ///
    /// - Parameter then: called once, on the core's loop, now or later.
    func answer(_ core: BrokerCore, then: @escaping (Result<Response, ServiceError>) -> Void) {
        if case .sendDirectMessage(let client) = self.operation { return self.sendDirectMessage(to: client, core, then: then) }
        then(Result { () throws(ServiceError) in try self.answer(core) })
    }

    private func answer(_ core: BrokerCore) throws(ServiceError) -> Response {
        switch self.operation {
        case .getThingShadow(let thing): try self.shadow(.get, of: thing, core)
        case .updateThingShadow(let thing): try self.shadow(.update, of: thing, core)
        case .deleteThingShadow(let thing): try self.shadow(.delete, of: thing, core)
        case .listNamedShadowsForThing(let thing): try self.listNamedShadows(of: thing, core)
        case .publish(let topic): try self.publish(to: topic, core)
        case .getRetainedMessage(let topic): try self.getRetainedMessage(at: topic, core)
        case .listRetainedMessages: try self.listRetainedMessages(core)
        case .getConnection(let client): try self.getConnection(of: client, core)
        case .deleteConnection(let client): try self.deleteConnection(of: client, core)
        case .listSubscriptions(let client): try self.listSubscriptions(of: client, core)
        case .describeEndpoint: try self.describeEndpoint()
        case .createThing(let thing): try self.createThing(thing, core)
        case .describeThing(let thing): try self.describeThing(thing, core)
        case .updateThing(let thing): try self.updateThing(thing, core)
        case .deleteThing(let thing): try self.deleteThing(thing, core)
        case .listThings: try self.listThings(core)
        case .sendDirectMessage: preconditionFailure("SendDirectMessage is answered later")
        }
    }
}
