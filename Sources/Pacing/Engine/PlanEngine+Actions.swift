import Shadows
import Timeline

/// What a dispatched step asks the shell for.
extension PlanEngine {
    /// Nil for what the engine does by itself.
    mutating func action(for state: inout LiveStep) throws(MissingVariable) -> PlanAction? {
        let number = state.step.number
        switch state.step.kind {
        case .connect(let spec):
            self.clients[spec.client] = PlanClient(spec: spec, state: .connecting(number))
            return .open(number, spec)
        case .disconnect(let client, let reason):
            self.setClient(client, .gone(at: self.now, reason: "disconnected by step \(state.step.id)"))
            return .close(number, client: client, reason: reason)
        case .drop(let client, let how):
            self.setClient(client, .gone(at: self.now, reason: "dropped by step \(state.step.id)"))
            return .drop(number, client: client, how: how)
        case .subscribe(let client, let filters, let qos):
            return .subscribe(number, client: client, filters: filters, qos: qos)
        case .unsubscribe(let client, let filters):
            return .unsubscribe(number, client: client, filters: filters)
        case .publish(let publication):
            return .publish(try self.packet(publication, &state))
        case .clock(.advance(let duration)):
            self.hold.advancingSince = self.now
            return .advanceClock(number, by: duration)
        case .clock(.speed(let speed)):
            self.changeSpeed(to: speed, at: state)
            return nil
        case .expect, .never, .order, .shadowIs, .react, .block, .mark, .note:
            preconditionFailure("step \(state.step.id) only observes and is in no lane")
        }
    }

    private mutating func packet(_ publication: Publication, _ state: inout LiveStep) throws(MissingVariable) -> StepPublish {
        let attempt = state.attempt + 1
        if var packet = state.retry.packet, state.retry.resends {
            packet.attempt = attempt
            packet.isDuplicate = packet.isDuplicate || state.isSent
            state.retry.packet = packet
            if let token = packet.clientToken, self.options.isRemote { self.tokens.add(token, state.step.number, attempt: attempt) }
            return packet
        }
        let topic = try LateText.filledText(publication.topic, from: self.values)
        var token: String?
        let version = publication.hasAutomaticVersion ? publication.shadow.flatMap { self.versions.version(of: $0.id) } ?? nil : nil
        let payload = try PayloadBytes.make(
            publication, step: state.step, seed: self.settings.seed, values: self.values, version: version,
            stamp: self.options.isRemote ? "\(self.options.runID)-\(state.step.id)-\(attempt)" : nil, token: &token)
        if self.options.isRemote, let token { self.tokens.add(token, state.step.number, attempt: attempt) }
        state.topic = topic
        state.payloadBytes = payload.count
        state.clientToken = token
        let packet = StepPublish(
            step: state.step.number, id: state.step.id, attempt: attempt, publisher: publication.publisher, topic: topic, payload: payload,
            qos: publication.qos, retain: publication.retain, properties: publication.properties, clientToken: token, gates: state.gates)
        if publication.qos > 0, case .client(let client) = publication.publisher, self.clients[client]?.spec?.reconnects == true {
            state.retry.packet = packet
        }
        return packet
    }
}
