// A Temporal server with rights for each queue, on a port of 127.0.0.1 and with a database in memory: it shows what an
// authorizer can do, of which docs/fleet/security.md tells. For nothing else.
//
// FLEET is the name of the fleet, and RIGHTS says as JSON who has which token: {"TOKEN": "fleet", "OTHER": "site north"}.
// Its first line is where it listens, and its namespace.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/temporal"
	"go.temporal.io/server/temporaltest"
)

// Says by a token who asks: "fleet" is a controller or an operator, "site …" an agent of it.
type tokens map[string]string

func (t tokens) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	return &authorization.Claims{Subject: t[strings.TrimPrefix(info.AuthToken, "Bearer ")]}, nil
}

// What an agent asks besides tasks. What it answers goes with the token of a task, which it has from the server.
var agentMay = map[string]bool{
	"GetSystemInfo":                true,
	"DescribeNamespace":            true,
	"RespondActivityTaskCompleted": true,
	"RespondActivityTaskFailed":    true,
	"RespondActivityTaskCanceled":  true,
	"RecordActivityTaskHeartbeat":  true,
	"RecordWorkerHeartbeat":        true,
	"ShutdownWorker":               true,
}

type queueRights struct{ fleet string }

func (r queueRights) Authorize(
	_ context.Context,
	caller *authorization.Claims,
	target *authorization.CallTarget,
) (authorization.Result, error) {
	who := ""
	if caller != nil { // there is none without a token
		who = caller.Subject
	}
	if r.may(who, target) {
		return authorization.Result{Decision: authorization.DecisionAllow}, nil
	}
	return authorization.Result{Decision: authorization.DecisionDeny}, nil
}

func (r queueRights) may(who string, target *authorization.CallTarget) bool {
	if who == "fleet" || target.Namespace == "temporal-system" { // in which the server itself works, as nobody
		return true
	}
	api := target.APIName[strings.LastIndex(target.APIName, "/")+1:]
	site, isAgent := strings.CutPrefix(who, "site ")
	if !isAgent {
		return api == "GetSystemInfo" || api == "GetClusterInfo"
	}
	drain := r.fleet + "/drain/" + site
	switch asked := target.Request.(type) {
	case *workflowservice.PollActivityTaskQueueRequest:
		queue := asked.GetTaskQueue().GetName()
		return queue == r.fleet+".agents" || strings.HasPrefix(queue, r.fleet+".site."+site+".")
	case *workflowservice.DescribeWorkflowExecutionRequest:
		return asked.GetExecution().GetWorkflowId() == drain
	case *workflowservice.GetWorkflowExecutionHistoryRequest:
		return asked.GetExecution().GetWorkflowId() == drain
	}
	return agentMay[api]
}

func main() {
	known := tokens{}
	if err := json.Unmarshal([]byte(os.Getenv("RIGHTS")), &known); err != nil {
		fmt.Fprintln(os.Stderr, "RIGHTS:", err)
		os.Exit(2)
	}
	server := temporaltest.NewServer(temporaltest.WithBaseServerOptions(
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return known }),
		temporal.WithAuthorizer(queueRights{fleet: os.Getenv("FLEET")}),
	))
	fmt.Println(server.GetFrontendHostPort(), server.GetDefaultNamespace())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}
