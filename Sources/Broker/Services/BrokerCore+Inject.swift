package import MQTTWire
package import Sessions
import Timeline
package import Topics

extension BrokerCore {
    /// Why nobody may publish to this topic through a door with these limits; `nil` if one may.
    package func obstacle(to topic: TopicName, retain: Bool, limits: SessionLimits) -> String? {
        let kind = topic.bytes.withUnsafeBytes { Topic.kind(of: $0) }
        return ReservedTopics.obstacle(to: kind, retain: retain, refusesReserved: limits.refusesReservedTopics)
    }

    /// A message with no MQTT session behind it, as the HTTP data plane sends: routed, kept if it is retained, and handed to its service.
    ///
    /// - Parameters:
    ///   - properties: its message expiry is in force as given; a topic alias is left out.
    ///   - door: whose quotas a request to the shadow service is charged to; `nil` for none.
    /// - Returns: its cause.
    @discardableResult
    package func inject(
        topic name: TopicName, payload: [UInt8], qos: QoS, retain: Bool, properties: PublishProperties = PublishProperties(),
        from asker: Asker = .unnamed, through door: Door? = nil
    ) -> CauseID {
        self.beginTick()
        let cause = self.nextCause()
        let expiresAt = properties.messageExpirySeconds.map { self.now + .seconds(Int64($0)) }
        let forwarded = properties.forwarded
        name.bytes.withUnsafeBytes { name in
            payload.withUnsafeBytes { payload in
                forwarded.withUnsafeBytes { forwarded in
                    guard let topic = self.intern(name) else { return }
                    var message = TransientMessage(
                        topic: topic, payload: payload, properties: forwarded, qos: qos, retain: retain, cause: cause, publisher: nil,
                        expiresAt: expiresAt, expirySeconds: properties.messageExpirySeconds)
                    if self.isObserved { self.tellObservers(of: message) }
                    self.route(&message)
                    if retain { self.retain(&message) }
                    if case .shadowRequest(let request) = topic.kind {
                        self.handle(request, payload: payload, cause: cause, from: asker, by: door.map { RequestWay(door: $0) })
                    }
                }
            }
        }
        return cause
    }
}

extension PublishProperties {
    /// What is sent on as given, encoded: all but the expiry, which is written anew for each receiver, and the alias.
    fileprivate var forwarded: [UInt8] {
        var properties = self
        properties.messageExpirySeconds = nil
        properties.topicAlias = nil
        return properties.encoded
    }
}
