import Foundation
import Glibc
import Testing

/// `sundial shadow` and the commands for the whole state, against a running Sundial.
@Suite struct ShadowCommandTests {
    /// Runs a command that ends by itself.
    private func run(_ sundial: SundialProcess, _ words: [String], status: Int32 = 0) async throws -> ChildProcess {
        let command = try ChildProcess(Workshop.sundial, words + ["--ports-file", sundial.portsFile])
        let ending = try await command.ending()
        #expect(ending == .exited(status), "\(words): \(command.output.tail)\n\(command.errors.tail)")
        return command
    }

    private func update(_ sundial: SundialProcess, _ words: [String]) async throws {
        _ = try await self.run(sundial, ["shadow", "update", "lamp"] + words)
    }

    @Test func aShadowIsMadeReadAndDeleted() async throws {
        try await SundialProcess.run { sundial in
            let updated = try await self.run(
                sundial, ["shadow", "update", "lamp", "--desired", #"{"mode":"eco"}"#, "--client-token", "t", "--json"])
            #expect(updated.output.lines.first?.contains(#""version":1"#) == true)
            #expect(updated.output.lines.first?.contains(#""clientToken":"t""#) == true)
            try await self.update(sundial, [#"{"state":{"reported":{"mode":"off"}}}"#])
            let read = try await self.run(sundial, ["shadow", "get", "lamp"]).output.lines
            #expect(read.first?.hasPrefix("lamp, classic shadow: version 2, last value set ") == true)
            #expect(read.contains { $0.hasPrefix(#"  desired.mode   "eco"  "#) && ($0.hasSuffix(" ago") || $0.hasSuffix("now")) })
            #expect(read.contains(#"  delta.mode     "eco""#))
            #expect(read.allSatisfy { !$0.contains("\u{1B}") })
            let json = try await self.run(sundial, ["shadow", "get", "lamp", "--json"]).output.lines
            #expect(json.first?.hasPrefix(#"{"state":{"desired":{"mode":"eco"},"reported":{"mode":"off"},"delta""#) == true)

            let conflict = try await self.run(
                sundial, ["shadow", "update", "lamp", "--desired", "{}", "--version", "1"], status: 1)
            #expect(
                conflict.errors.tail.contains("409 ConflictException: Version conflict (the request names version 1, the shadow is at 2)"))
            _ = try await self.run(sundial, ["shadow", "delete", "lamp"])
            let gone = try await self.run(sundial, ["shadow", "get", "lamp"], status: 1)
            #expect(gone.errors.tail.contains("404 ResourceNotFoundException: No shadow exists with name: 'lamp'"))
        }
    }

    @Test func namedShadowsAreListedThroughAllPages() async throws {
        try await Workshop.withFolder { folder in
            let names = (0..<130).map { String(format: "n%03d", $0) }
            let shadows = names.map { #""\#($0)":{"reported":{"x":1}}"# }.joined(separator: ",")
            let file = folder.appendingPathComponent("seeds.json")
            try #"{"lamp":{"named":{\#(shadows)}}}"#.write(to: file, atomically: true, encoding: .utf8)
            try await SundialProcess.run(["--seed-shadows", file.path]) { sundial in
                #expect(try await self.run(sundial, ["shadow", "list", "lamp"]).output.lines == names)
                let none = try await self.run(sundial, ["shadow", "list", "oven"])
                #expect(none.output.lines == [])
                #expect(none.errors.tail.contains("oven has no named shadows"))
            }
        }
    }

    @Test func thePastIsShownComparedAndBroughtBack() async throws {
        try await SundialProcess.run { sundial in
            try await self.update(sundial, ["--desired", #"{"mode":"eco","rgb":{"r":1,"g":2}}"#])
            try await self.update(sundial, ["--desired", #"{"mode":null,"rgb":{"g":3,"b":4}}"#, "--reported", #"{"on":true}"#])
            let history = try await self.run(sundial, ["shadow", "history", "lamp"]).output.lines
            #expect(history.count { $0.hasPrefix("version ") } == 2)
            #expect(history.contains { $0.hasPrefix("version 2  ") && $0.contains("HTTP (test), cause ") })
            #expect(history.contains { $0.hasPrefix("- desired.mode") && $0.hasSuffix(#""eco""#) })
            #expect(
                try await self.run(sundial, ["shadow", "diff", "lamp", "1", "--json"]).output.lines.first?.hasPrefix(#"{"from":1,"to":2"#)
                    == true)
            let now = try await self.run(sundial, ["shadow", "at", "lamp", "0s"]).output.lines
            #expect(now.first?.hasPrefix("lamp, classic shadow: version 2, ") == true)
            let early = try await self.run(sundial, ["shadow", "at", "lamp", "1d"], status: 1)
            #expect(early.errors.tail.contains("the oldest version kept is 1"))

            let future = try await self.run(sundial, ["shadow", "at", "lamp", "2099-01-01T00:00:00Z"], status: 2)
            #expect(future.errors.tail.contains("2099-01-01T00:00:00.000Z is yet to come"))
            let idle = try await self.run(sundial, ["shadow", "restore", "lamp", "2", "--json"])
            #expect(idle.output.lines == [#"{"state":{},"version":2}"#])

            let watcher = try Client.mosquitto(
                "sub", sundial, ["-d", "-t", "$aws/things/lamp/shadow/update/accepted", "-t", "$aws/things/lamp/shadow/update/documents"])
            try await watcher.process.output.line(containing: "Subscribed (mid: 1)")
            let restored = try await self.run(sundial, ["shadow", "restore", "lamp", "1"]).output.lines
            #expect(restored.first == "lamp, classic shadow: version 3, as version 1 was")
            let accepted = try await watcher.process.output.line(containing: #""version":3"#)
            #expect(accepted.contains(#"{"state":{"desired":{"mode":"eco","rgb":{"g":2,"b":null}},"reported":null}"#), "\(accepted)")
            try await watcher.process.output.line(containing: #""previous""#)
            try await watcher.kill()
            let same = try await self.run(sundial, ["shadow", "diff", "lamp", "1", "3"])
            #expect(same.output.lines == ["  no difference"])
            let again = try await self.run(sundial, ["shadow", "restore", "lamp", "1"])
            #expect(again.errors.tail.contains("nothing to do: version 3 is as version 1 was"))
            // After a deletion too.
            _ = try await self.run(sundial, ["shadow", "delete", "lamp"])
            _ = try await self.run(sundial, ["shadow", "restore", "lamp", "2"])
            let back = try await self.run(sundial, ["shadow", "get", "lamp", "--json"]).output.lines
            #expect(back.first?.hasPrefix(#"{"state":{"desired":{"rgb":{"r":1,"g":3,"b":4}},"reported":{"on":true}"#) == true)
        }
    }

    @Test(arguments: [false, true])
    func watchFollowsAShadowUntilControlC(json: Bool) async throws {
        try await SundialProcess.run { sundial in
            let watch = try ChildProcess(
                Workshop.sundial,
                ["shadow", "watch", "lamp", "-n", "kitchen", "--ports-file", sundial.portsFile] + (json ? ["--json"] : []))
            try await watch.errors.line(containing: "watching lamp/kitchen")
            try await self.update(sundial, ["-n", "kitchen", "--reported", #"{"on":true}"#])
            try await self.update(sundial, ["--reported", #"{"another":"shadow"}"#])
            try await self.update(sundial, ["-n", "kitchen", "--reported", #"{"on":false}"#])
            _ = try await self.run(sundial, ["shadow", "delete", "lamp", "-n", "kitchen"])
            try await watch.output.line(containing: json ? #"{"version":2,"timestamp""# : "deleted")
            watch.signal(SIGINT)
            #expect(try await watch.ending() == .exited(130))
            #expect(watch.output.lines.allSatisfy { !$0.contains("another") })
            if json {
                #expect(watch.output.lines.count == 3)
                #expect(watch.output.lines[0].hasPrefix(#"{"previous":null,"current":{"state":{"reported":{"on":true}}"#))
            } else {
                #expect(
                    watch.output.lines.filter { !$0.hasPrefix("lamp") } == [
                        "+ reported.on  true", "- reported.on  true", "+ reported.on  false",
                    ])
            }
        }
    }

    @Test func aSnapshotBringsBackAKeptSessionWithItsQueue() async throws {
        try await Workshop.withFolder { folder in
            try await SundialProcess.run { sundial in
                let options = ["-q", "2", "-c", "-i", "sleeper", "-t", "night"]
                let asleep = try Client.mosquitto("sub", sundial, ["-d"] + options)
                try await asleep.process.output.line(containing: "Subscribed (mid: 1)")
                try await asleep.interrupt()
                for (qos, dream) in [("1", "first"), ("2", "second")] {
                    try await Client.mosquitto("pub", sundial, ["-q", qos, "-t", "night", "-m", dream]).end()
                }
                try await Client.mosquitto("pub", sundial, ["-q", "1", "-r", "-t", "kept", "-m", "here"]).end()
                try await self.update(sundial, ["--desired", #"{"mode":"eco"}"#])

                let file = folder.appendingPathComponent("before.json").path
                _ = try await self.run(sundial, ["snapshot", file])
                let bystander = try Client.mosquitto("sub", sundial, ["-d", "-t", "#"])
                try await bystander.process.output.line(containing: "Subscribed (mid: 1)")
                let reset = try await self.run(sundial, ["reset"])
                #expect(reset.output.lines == ["dropped 1 shadow (1 version), 1 retained message, 1 session"])
                try await bystander.process.output.line(containing: "sending CONNECT")
                try await bystander.kill()
                let empty = try await self.run(sundial, ["snapshot"]).output.lines.joined()
                #expect(empty.contains(#""shadows": [],  "retained": [],  "sessions": [],  "things": []"#))

                let restored = try await self.run(sundial, ["restore", file])
                #expect(restored.output.lines == ["restored 1 shadow (1 version), 1 retained message, 1 session; dropped nothing"])
                let again = try await self.run(sundial, ["snapshot"]).output.lines
                let before = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
                #expect(again.filter { !$0.contains("takenAt") } == before.filter { !$0.contains("takenAt") })
                let awake = try Client.mosquitto("sub", sundial, options + ["-t", "kept", "-C", "3"])
                try await awake.end()
                #expect(Set(awake.lines) == ["first", "second", "here"])
                #expect(awake.lines.filter { $0 != "here" } == ["first", "second"])
            }
        }
    }

    @Test func whatIsNoSnapshotIsRefusedWithItsPlace() async throws {
        try await Workshop.withFolder { folder in
            try await SundialProcess.run { sundial in
                try await self.update(sundial, ["--desired", #"{"mode":"eco"}"#])
                let file = folder.appendingPathComponent("bad.json")
                try #"{"sundial":"snapshot","version":1,"shadows":[{"thing":"a b"}]}"#.write(to: file, atomically: true, encoding: .utf8)
                let refused = try await self.run(sundial, ["restore", file.path], status: 1)
                #expect(refused.errors.tail.contains("'/shadows/0/thing' is no name of a thing. Nothing was changed."))
                _ = try await self.run(sundial, ["restore", "/nowhere/at-all.json"], status: 2)
                _ = try await self.run(sundial, ["shadow", "get", "lamp"])
            }
        }
    }

    @Test func seedsArePlantedOnceAndSurviveOnlyWhereThereIsNothing() async throws {
        try await Workshop.withFolder { folder in
            let file = folder.appendingPathComponent("seeds.json")
            try #"{"lamp":{"classic":{"desired":{"mode":"eco"}}}}"#.write(to: file, atomically: true, encoding: .utf8)
            for round in 1...2 {
                let sundial = try await SundialProcess.start(in: folder, state: "state.sqlite", ["--seed-shadows", file.path])
                let read = try await self.run(sundial, ["shadow", "get", "lamp", "--json"]).output.lines.first ?? ""
                #expect(read.contains(round == 1 ? #"{"mode":"eco"}"# : #"{"mode":"away"}"#), "\(read)")
                #expect(read.contains(#""version":\#(round)"#), "\(read)")
                if round == 1 { try await self.update(sundial, ["--desired", #"{"mode":"away"}"#]) }
                if round == 2 { try await sundial.log.line(containing: "seed left out: the shadow is there already, at version 2") }
                sundial.process.signal(SIGTERM)
                #expect(try await sundial.process.ending(within: .seconds(30)) == .exited(0))
            }
        }
    }

    @Test func aBadSeedFileStartsNothing() async throws {
        try await Workshop.withFolder { folder in
            let file = folder.appendingPathComponent("seeds.json")
            try #"{"lamp":{"classic":{"desired":5}}}"#.write(to: file, atomically: true, encoding: .utf8)
            let ports = folder.appendingPathComponent("p.json").path
            let state = folder.appendingPathComponent("state.sqlite").path
            let serve = try ChildProcess(
                Workshop.sundial, SundialProcess.arguments(portsFile: ports, state: state) + ["--seed-shadows", file.path],
                environment: SundialProcess.environment(folder: folder))
            #expect(try await serve.ending(within: .seconds(30)) == .exited(2))
            #expect(serve.errors.lines.count == 1 && serve.errors.tail.contains("'/lamp/classic' would be refused"), "\(serve.errors.tail)")
            #expect(!FileManager.default.fileExists(atPath: ports) && !FileManager.default.fileExists(atPath: state))
        }
    }

    @Test func theOtherWaysInWorkAndTheWrongOnesSaySo() async throws {
        try await SundialProcess.run { sundial in
            try await self.update(sundial, ["--desired", #"{"mode":"eco"}"#])
            let https = ["--url", "https://localhost:\(sundial.doors.https.port)"]
            let cases: [([String], Int32, String)] = [
                (https + ["--ca", sundial.doors.ca], 0, ""), (https + ["--insecure"], 0, ""),
                (https + ["--ca", sundial.portsFile], 2, "give a PEM file"),
                (
                    ["--url", "http://localhost:\(sundial.doors.http.port)", "--secret", "wrong", "--key", "test"], 3,
                    "403 ForbiddenException"
                ),
                (https, 3, "or switch verification off (--cafile FILE, --insecure)"),
                (["--url", "http://nosuch.invalid"], 3, "the name nosuch.invalid is not known. Start Sundial"),
                (["--url", "http://localhost:1"], 3, "Start Sundial with 'sundial serve'"),
                (["--url", "http://localhost:\(sundial.doors.mqtt.port)"], 3, "closed the connection without an answer"),
            ]
            for (words, status, text) in cases {
                let get = try ChildProcess(Workshop.sundial, ["shadow", "get", "lamp"] + words)
                #expect(try await get.ending() == .exited(status), "\(words): \(get.errors.tail)")
                #expect(text.isEmpty || get.errors.tail.contains(text), "\(get.errors.tail)")
            }
        }
    }
}
