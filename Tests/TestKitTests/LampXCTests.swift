import TestKit
import XCTest

/// A kit serves XCTest as it serves swift-testing. `make test` runs these in a round of their own.
final class LampTests: XCTestCase {
    func testAnUpdateIsAccepted() async throws {
        try await withSundial { kit in
            let accepted = try await kit.shadow("lamp").report(["on": false])
            XCTAssertEqual(accepted.version, 1)
        }
    }
}

/// With a kit for each test that outlives a closure.
final class LampSetUpTests: XCTestCase {
    private var kit: Sundial?

    override func setUp() async throws {
        self.kit = try await Sundial.start()
    }

    override func tearDown() async throws {
        await self.kit?.stop()
    }

    func testFailuresAreErrorsThatSayEverything() async throws {
        let kit = try XCTUnwrap(self.kit)
        let line = #line + 2
        do {
            try await kit.expect("lamps/+/gone", within: .seconds(2))
            XCTFail("nothing can have come")
        } catch let failure as ExpectationFailure {
            XCTAssertEqual(
                failure.description,
                """
                the broker: expected a message on lamps/+/gone within 2 s, none came
                  no message came at all
                  at TestKitTests/LampXCTests.swift:\(line)
                """)
        }
    }
}
