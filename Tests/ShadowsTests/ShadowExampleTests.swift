import JSON
import Shadows
import Testing
import Timeline

@Suite("Shadow examples (device-shadow §14 and edges)")
struct ShadowExampleTests {
    @Test func everyWorkedExampleIsThere() {
        let names = ShadowCase.all.map(\.name)
        for number in 1...23 {
            #expect(names.contains { $0.hasPrefix("E\(number):") })
        }
        #expect(names.count >= 23 + 200)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: ShadowCase.all)
    func requestsGetExactlyTheseMessages(_ example: ShadowCase) throws {
        var store = ShadowStore()
        for step in example.steps {
            guard let request = try self.request(step) else { continue }
            try self.check(store.handle(request, payload: step.payload, now: step.now), step)
            if let listed = step.listed { #expect(store.listNamed(request.id.thing).map(\.text) == listed) }
        }
    }

    /// What a journal keeps is enough to go on as if nothing had happened, after any step.
    @Test(arguments: ShadowCase.all)
    func aStoreRestoredBeforeEveryRequestAnswersAlike(_ example: ShadowCase) throws {
        var kept: [ShadowID: ShadowChange] = [:]
        for step in example.steps {
            guard let request = try self.request(step) else { continue }
            var store = ShadowStore()
            for change in kept.values {
                switch change {
                case .stored(let record): try store.restore(record)
                case .deleted(let tombstone): store.restore(tombstone)
                }
            }
            let outcome = store.handle(request, payload: step.payload, now: step.now)
            try self.check(outcome, step)
            if let change = outcome.change { kept[request.id] = change }
        }
    }

    /// A topic that asks for nothing is answered by nothing.
    private func request(_ step: ShadowStep) throws -> ShadowRequest? {
        if let request = step.request { return request }
        try #require(step.messages?.isEmpty == true, "the case expects answers on a topic that is no request")
        return nil
    }

    private func check(_ outcome: ShadowOutcome, _ step: ShadowStep) throws {
        guard let expected = step.messages else {
            #expect(outcome.rejection == nil, "preparation")
            return
        }
        #expect(outcome.messages.map { String(decoding: $0.topic, as: UTF8.self) } == expected.map(\.topic))
        for (message, expected) in zip(outcome.messages, expected) {
            let sent = try JSONValue(parsing: message.payload, limits: JSONLimits(maximumDepth: 500))
            #expect(sent == expected.payload, "\(sent.text) is not \(expected.payload.text)")
            #expect(sent.object?.keys == expected.payload.object?.keys)
            if step.isExact || (message.operation == .update && message.answer == .accepted) {
                #expect(message.payload == expected.payload.utf8)
            }
            for pointer in ["", "/previous", "/current"] {
                for part in ["/state", "/metadata"] where message.answer == .documents || message.operation == .get {
                    let order = ["desired", "reported", "delta"]
                    let keys = sent[pointer: pointer + part]?.object?.keys ?? []
                    #expect(keys == order.filter { keys.contains($0) })
                }
            }
        }
        if step.request?.transport == .rest {
            #expect(Int64(outcome.rejection?.code ?? 200) == step.status)
            #expect(outcome.rejection?.message(over: .rest) == step.message)
            let answer = try JSONValue(parsing: outcome.response)
            #expect(answer["code"]?.int64 == outcome.rejection.map { Int64($0.code) })
            if outcome.rejection == nil { #expect(answer["timestamp"]?.int64 == step.now.secondsSinceEpoch) }
            if let body = step.body { #expect(outcome.response == body.utf8) }
        } else {
            #expect(outcome.response == outcome.messages.first?.payload)
        }
    }
}
