import Broker
import Hummingbird
import JSON
import MQTTWire
import Sessions
import Topics

extension ServiceRequest {
    /// Publish. Source: `mqtt.md` §13.
    func publish(to text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let limits = self.door.profile.limits
        let topic = try self.topic(text)
        let qos: QoS = try self.query.integer("qos", in: 0...1) == 1 ? .atLeastOnce : .atMostOnce
        let retain = try self.query.boolean("retain") ?? false
        var properties = try self.messageProperties()
        properties.messageExpirySeconds = limits.messageExpiry(
            try self.query.integer("messageExpiry", in: 0...Int64(UInt32.max)).map { UInt32($0) })
        if let obstacle = core.obstacle(to: topic, retain: retain, limits: limits) {
            throw ServiceError(
                .invalidRequest, "Invalid topic", explanation: "publish\(retain ? " with retain" : "") to \(topic.string): \(obstacle)")
        }
        core.inject(
            topic: topic, payload: self.body, qos: qos, retain: retain, properties: properties, from: self.asker, through: self.door)
        return self.accepted
    }

    /// SendDirectMessage. Source: `mqtt.md` §13.
    func sendDirectMessage(to client: String, _ core: BrokerCore, then: @escaping (Result<Response, ServiceError>) -> Void) {
        let message: DirectMessage
        let receiver: ClientID
        let patience: Duration?
        do throws(ServiceError) {
            receiver = try Self.clientID(client)
            guard let topic = try self.query.text("topic") else { throw .invalid("SendDirectMessage needs the query parameter 'topic'.") }
            message = DirectMessage(topic: try self.topic(topic), payload: self.body, properties: try self.messageProperties())
            let seconds = try self.query.integer("timeout", in: 1...15) ?? 5
            patience = try self.query.boolean("confirmation") == true ? .seconds(seconds) : nil
            if let obstacle = core.obstacle(to: message.topic, retain: false, limits: self.door.profile.limits) {
                throw ServiceError(.invalidRequest, "Invalid topic", explanation: "send to \(topic): \(obstacle)")
            }
        } catch {
            return then(.failure(error))
        }
        core.send(message, to: receiver, confirmedWithin: patience) { delivery in
            then(self.answer(to: delivery, receiver))
        }
    }

    private func answer(to delivery: DirectDelivery, _ receiver: ClientID) -> Result<Response, ServiceError> {
        switch delivery {
        case .delivered:
            .success(self.accepted)
        case .notConnected:
            .failure(
                ServiceError(.notFound, "Client is not connected", explanation: "no client with the id '\(receiver)' is connected now"))
        case .tooLarge:
            .failure(
                ServiceError(
                    .contentTooLarge, "The payload exceeds the maximum size allowed",
                    explanation: "'\(receiver)' or its door takes no packet of this size"))
        case .unconfirmed:
            .failure(
                ServiceError(
                    .gatewayTimeout, "Delivery confirmation was not received in time",
                    explanation: "the message was sent to '\(receiver)', which sent no PUBACK in the time given"))
        case .interrupted(let why):
            .failure(
                ServiceError(
                    .gatewayTimeout, "Client disconnected before delivery was confirmed",
                    explanation: "the message was sent to '\(receiver)', whose connection ended before its PUBACK came: \(why)"))
        case .windowIsFull:
            .failure(
                ServiceError(
                    .gatewayTimeout, "Delivery confirmation was not received in time",
                    explanation: "'\(receiver)' has as many unconfirmed messages as it may have; the message was not sent"))
        }
    }

    private var accepted: Response { .document(["message": "OK", "traceId": .string(self.traceID)]) }
}
