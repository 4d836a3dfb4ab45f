import TestKit
import Testing

/// A plan is a scenario file written in Swift.
@Suite("Plans") struct PlanTests {
    @Test func everyVerbIsWrittenAsInAFile() {
        let plan = Plan(
            "all", seed: 7, variables: ["thing": "T"], laneBy: .thing,
            lanes: ["thing:*": Lane(minGap: .milliseconds(250), jitter: .zero ... .milliseconds(5))], timeLimit: .seconds(90)
        ) {
            Connect("app", keepAlive: 30, will: Will("a/gone", "bye", delay: .seconds(2)))
            Subscribe("app", to: "a/+", "b", qos: 0).withoutBarrier()
            Update("${thing}", shadow: "s", desired: ["led": "on"], version: .auto).at(.seconds(1)).id("a").as("app").gate(
                .accepted, .delivered)
            Update("T", raw: .bytes([1, 255])).wait(.milliseconds(1500)).expectReject(400)
            Get("T", token: "t").after("a", delay: .microseconds(5))
            Delete("T", shadow: "s").onFail(.retry(max: 2, backoff: .seconds(1), factor: 1.5)).late(.skip).lane("private:x").timeout(
                .seconds(3))
            Publish("a/b", ["n": 1], retain: true).tags("x", "y").jitter(.milliseconds(1))
            Expect("a/#", json: ["n": ["$gt": 0]], client: "app", causedBy: "a").within(.seconds(2)).count(.between(1, 3)).from("a")
                .capture("v", "/n")
            ExpectNothing("x/#", for: .seconds(5))
            Order(Match("a", client: "app"), Match("b", publisher: "service")).from(.start)
            ShadowIs("T", includes: ["reported": ["n": 1]], version: 2)
            Device("T", shadow: "s", delay: .milliseconds(300))
            Mark("here")
            Note("about ${thing}")
            Wait(.seconds(1))
            AdvanceClock(by: .seconds(60))
            ChangeSpeed(to: 2)
            Unsubscribe("app", from: "b")
            Drop("app", how: .silent).skip()
            Disconnect("app", reason: 4)
        }
        #expect(
            plan.scenario == """
                {"scenario":1,"name":"all","seed":7,"vars":{"thing":"T"},"laneBy":"thing",\
                "lanes":{"thing:*":{"minGap":"250ms","jitter":{"uniform":["0s","5ms"]}}},"timeLimit":"90s"}
                {"connect":{"client":"app","version":"5","clean":true,"keepAlive":30,\
                "will":{"topic":"a/gone","payload":{"text":"bye"},"qos":1,"retain":false,"delay":"2s"}}}
                {"sub":{"client":"app","filters":["a/+","b"],"qos":0},"barrier":false}
                {"id":"a","at":"1s","as":"app","update":{"thing":"${thing}","shadow":"s","desired":{"led":"on"},"version":"auto"},\
                "gate":["accepted","delivered"]}
                {"wait":"1s500ms","update":{"thing":"T","raw":{"hex":"01ff"}},"expectReject":400}
                {"get":{"thing":"T","token":"t"},"after":{"a":"5us"}}
                {"delete":{"thing":"T","shadow":"s"},"onFail":{"retry":{"max":2,"backoff":"1s","factor":1.5}},"late":"skip",\
                "lane":"private:x","timeout":"3s"}
                {"pub":{"topic":"a/b","payload":{"json":{"n":1}},"retain":true},"tags":["x","y"],"jitter":"1ms"}
                {"expect":{"topic":"a/#","json":{"n":{"$gt":0}},"client":"app","causedBy":"a"},"within":"2s","count":[1,3],"from":"a",\
                "capture":{"v":"/n"}}
                {"never":{"topic":"x/#"},"for":"5s"}
                {"order":[{"topic":"a","client":"app"},{"topic":"b","from":"service"}],"from":"start"}
                {"shadowIs":{"thing":"T","includes":{"reported":{"n":1}},"version":2}}
                {"device":{"thing":"T","shadow":"s","echo":"delta","delay":"300ms"}}
                {"mark":"here"}
                {"note":"about ${thing}"}
                {"wait":"1s"}
                {"clock":{"advance":"60s"}}
                {"clock":{"speed":2.0}}
                {"unsub":{"client":"app","filters":["b"]}}
                {"drop":{"client":"app","how":"silent"},"skip":true}
                {"disconnect":{"client":"app","reason":4}}

                """)
    }

    @PlanBuilder private func lampSteps(_ names: [String], twice: Bool) -> [StepDraft] {
        for name in names {
            Update(name, reported: ["on": true])
            if twice {
                Update(name, reported: ["on": false])
            }
        }
    }

    @Test func loopsConditionsAndBlocksWork() {
        let plan = Plan {
            lampSteps(["a", "b"], twice: true)
            lampSteps(["c"], twice: false)
            Repeat(2, overlap: true) {
                Publish("n", "${i}").at(.milliseconds(5))
                Parallel {
                    Branch { Mark("left") }
                    for place in 1...2 {
                        Branch {
                            Mark("right\(place)")
                            Wait(.seconds(1))
                        }
                    }
                }
            }
            On(Match("a"), times: 1) { Publish("b", "2") }
            Repeat(for: .seconds(2)) { Mark("again") }
        }
        #expect(
            plan.scenario.split(separator: "\n").dropFirst().joined(separator: "\n") == """
                {"update":{"thing":"a","reported":{"on":true}}}
                {"update":{"thing":"a","reported":{"on":false}}}
                {"update":{"thing":"b","reported":{"on":true}}}
                {"update":{"thing":"b","reported":{"on":false}}}
                {"update":{"thing":"c","reported":{"on":true}}}
                {"repeat":{"times":2,"overlap":true,"do":[
                {"at":"5ms","pub":{"topic":"n","payload":{"text":"${i}"}}},
                {"par":[[
                {"mark":"left"}],[
                {"mark":"right1"},
                {"wait":"1s"}],[
                {"mark":"right2"},
                {"wait":"1s"}]]}]}}
                {"on":{"match":{"topic":"a"},"times":1,"then":[
                {"pub":{"topic":"b","payload":{"text":"2"}}}]}}
                {"repeat":{"for":"2s","do":[
                {"mark":"again"}]}}
                """)
    }
}
