import MQTTWire
import Sessions
import Timeline
import Topics

extension BrokerCore {
    /// Keeps the message for later subscribers; an empty payload removes what was kept. MQTT 5 §3.3.1.3.
    func retain(_ message: inout TransientMessage) {
        guard let name = try? TopicName(message.topic.bytes, limits: .specification) else { return }
        if message.payload.isEmpty {
            _ = self.retained.remove(message.topic.bytes)
            self.gate.append(.retained(name, nil))
        } else {
            let retained = RetainedMessage(message: message.storedCopy(), changedAt: self.shell.wallTime())
            _ = self.retained.set(name, retained)
            self.gate.append(.retained(name, retained))
            if let expiry = message.expiresAt { self.scheduleSweep(at: expiry) }
        }
    }

    /// Sees to it that what expires is dropped, at most every ten seconds: until then nobody gets it any more.
    func scheduleSweep(at expiry: Instant) {
        let due = max(expiry, self.lastSweep + .seconds(10))
        if let sweep = self.nextSweep {
            if sweep.due <= due { return }
            self.deadlines.cancel(sweep.token)
        }
        self.nextSweep = (self.deadlines.schedule(.sweepRetained, at: due, kind: .expiry), due)
    }

    func sweepRetained() {
        self.nextSweep = nil
        self.lastSweep = self.now
        var expired: [TopicName] = []
        var next: Instant?
        self.retained.forEach { topic, retained in
            guard let expiry = retained.message.expiresAt else { return }
            if expiry <= self.now { expired.append(topic) } else { next = min(next ?? expiry, expiry) }
        }
        for topic in expired {
            _ = topic.bytes.withUnsafeBytes { self.retained.remove($0) }
            self.gate.append(.retained(topic, nil))
        }
        if let next { self.scheduleSweep(at: next) }
    }
}
