import Foundation
import Testing

/// `fixtures/examples`: what users of other languages copy into their own tests runs as it is.
@Suite("Examples") struct ExampleTests {
    private static func folder(_ name: String) -> String {
        Workshop.root.appendingPathComponent("fixtures/examples/\(name)").path
    }

    @Test func pytestRunsThem() async throws {
        await Workshop.places.take()
        let outcome = await Result.catching {
            let pytest = try ChildProcess(
                Workshop.python, ["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", Self.folder("python")],
                environment: ["SUNDIAL": Workshop.sundial])
            let ending = try await pytest.ending(within: .seconds(120))
            try #require(ending == .exited(0), "\(pytest.output.tail)\n\(pytest.errors.tail)")
            #expect(pytest.output.lines.last?.hasPrefix("3 passed") == true, "\(pytest.output.tail)")
        }
        await Workshop.places.giveBack()
        try outcome.get()
    }

    @Test func nodeRunsThem() async throws {
        await Workshop.places.take()
        let outcome = await Result.catching {
            let environment = Workshop.nodeEnvironment.merging(["SUNDIAL": Workshop.sundial]) { _, last in last }
            let node = try ChildProcess("node", ["--test", Self.folder("node")], environment: environment)
            let ending = try await node.ending(within: .seconds(120))
            try #require(ending == .exited(0), "\(node.output.tail)\n\(node.errors.tail)")
            #expect(node.output.lines.contains { $0.hasSuffix("pass 3") }, "\(node.output.tail)")
        }
        await Workshop.places.giveBack()
        try outcome.get()
    }
}
