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
        #expect(names.count >= 60)
    }

    @Test(arguments: ShadowCase.all)
    func requestsGetExactlyTheseMessages(_ example: ShadowCase) throws {
        var store = ShadowStore()
        for step in example.steps {
            let outcome = store.handle(step.request, payload: step.payload, now: step.now)
            try check(outcome, step)
            if let listed = step.listed { #expect(store.listNamed(step.request.id.thing).map(\.text) == listed) }
        }
    }

    /// What a journal keeps is enough to go on as if nothing had happened, after any step.
    @Test(arguments: ShadowCase.all)
    func aStoreRestoredBeforeEveryRequestAnswersAlike(_ example: ShadowCase) throws {
        var kept: [ShadowID: ShadowChange] = [:]
        for step in example.steps {
            var store = ShadowStore()
            for change in kept.values {
                switch change {
                case .stored(let record): try store.restore(record)
                case .deleted(let tombstone): store.restore(tombstone)
                }
            }
            let outcome = store.handle(step.request, payload: step.payload, now: step.now)
            try check(outcome, step)
            if let change = outcome.change { kept[step.request.id] = change }
        }
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
        if step.request.transport == .rest {
            #expect(Int64(outcome.rejection?.code ?? 200) == step.status)
            #expect(outcome.rejection?.message(over: .rest) == step.message)
            let answer = try JSONValue(parsing: outcome.response)
            #expect(answer["code"]?.int64 == outcome.rejection.map { Int64($0.code) })
            if outcome.rejection == nil { #expect(answer["timestamp"]?.int64 == step.now.secondsSinceEpoch) }
        } else {
            #expect(outcome.response == outcome.messages.first?.payload)
        }
    }
}
