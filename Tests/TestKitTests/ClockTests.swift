import TestKit
import Testing

/// Article `Time`.
@Suite("Time in a kit") struct ClockTests {
    @Test func anExpectationLetsTimePassNoFurtherThanNeeded() async throws {
        try await withSundial { kit in
            let lamp = try await kit.connect("lamp", keepAlive: 30, will: Will("lamp/gone", "bye"))
            try await lamp.drop(.silent)
            try await kit.expectNothing("lamp/gone", for: .seconds(44))
            try await kit.expect("lamp/gone", within: .seconds(100))
            #expect(await kit.elapsed == .seconds(45))
            await #expect(throws: ExpectationFailure.self) { try await kit.expect("lamp/gone", within: .seconds(100)) }
            #expect(await kit.elapsed == .seconds(145))
        }
    }

    @Test func otherClocksMoveByThemselves() async throws {
        try await withSundial(.init(clock: .scaled(1000))) { kit in
            let app = try await kit.connect("app", sessionExpiry: .seconds(60), will: Will("gone", "bye", delay: .seconds(20)))
            try await app.drop()
            let began = ContinuousClock.now
            try await kit.expect("gone", within: .seconds(3600))
            #expect(ContinuousClock.now - began < .seconds(3))
            #expect(await kit.elapsed >= .seconds(20))
            await #expect {
                try await kit.advance(by: .seconds(1))
            } throws: { error in
                "\(error)" == "the kit's clock moves by itself; only a virtual one, which is the default, can be advanced"
            }
        }
        await #expect(throws: SundialFailure.self) { try await withSundial(.init(clock: .scaled(-1))) { _ in } }
    }

    @Test func expectationsOnARealClockEndWithWhatComesOrWithTheirTime() async throws {
        try await withSundial(.init(clock: .real)) { kit in
            let app = try await kit.connect("app")
            async let awaited = kit.expect("a", within: .seconds(30))
            try await app.publish("a", "x")
            _ = try await awaited
            await #expect(throws: ExpectationFailure.self) { try await kit.expect("b", within: .milliseconds(20)) }
            try await kit.expectNothing("c", for: .milliseconds(20))
        }
    }

    @Test func callsThatMoveTheClockHaveItOneAfterTheOther() async throws {
        try await withSundial { kit in
            async let first: Void = kit.advance(by: .seconds(10))
            async let second: Void = kit.expectNothing("a", for: .seconds(5))
            _ = try await (first, second)
            #expect(await kit.elapsed == .seconds(15))
        }
    }
}
