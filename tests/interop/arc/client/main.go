// Command client drives ARC's own client of the scale-set protocol, of release 0.6.1, through the life of a scale set.
// What it claims is printed, one claim a line; the first that does not hold ends it.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/actions/actions-runner-controller/github/actions"
)

const jobs = 3

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: client CONFIG-URL")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	configURL := os.Args[1]
	base, err := url.Parse(configURL)
	check("the config URL can be read", err)

	_, err = newClient(configURL, &actions.ActionsAuth{Token: "nonsense"}).GetRunnerScaleSet(ctx, 1, "arc")
	check("a token of another form is refused with 401", nil, err != nil, strings.Contains(fmt.Sprint(err), "401"))
	found, err := newClient(configURL, app()).GetRunnerScaleSet(ctx, 1, "arc")
	check("an App finds no scale set where there is none", err, found == nil)

	client := newClient(configURL, &actions.ActionsAuth{Token: "ghp_arc"})
	set := register(ctx, client)
	runners(ctx, client, set.Id)
	listen(ctx, client, set.Id, base.Scheme+"://"+base.Host)
	check("a scale set can be deleted", client.DeleteRunnerScaleSet(ctx, set.Id))
	found, err = client.GetRunnerScaleSet(ctx, 1, "arc-2")
	check("it is gone then", err, found == nil)
}

func newClient(configURL string, auth *actions.ActionsAuth) *actions.Client {
	client, err := actions.NewClient(configURL, auth, actions.WithRetryMax(0))
	check("a client is made", err)
	return client
}

func app() *actions.ActionsAuth {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check("a key is made", err)
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return &actions.ActionsAuth{AppCreds: &actions.GitHubAppAuth{
		AppID:             1234,
		AppInstallationID: 4815162,
		AppPrivateKey:     string(pem.EncodeToMemory(block)),
	}}
}

func register(ctx context.Context, client *actions.Client) *actions.RunnerScaleSet {
	group, err := client.GetRunnerGroupByName(ctx, "Default")
	check("the default runner group is found by name", err, group != nil && group.ID == 1)
	draft := &actions.RunnerScaleSet{
		Name:          "arc",
		RunnerGroupId: 1,
		Labels:        []actions.Label{{Name: "arc", Type: "System"}},
		RunnerSetting: actions.RunnerSetting{Ephemeral: true, DisableUpdate: true},
	}
	set, err := client.CreateRunnerScaleSet(ctx, draft)
	check("a scale set is created", err, set != nil && set.Id > 0 && set.Name == "arc")
	client.SetUserAgent(actions.UserAgentInfo{Version: "0.6.1", CommitSHA: "none", ScaleSetID: set.Id})
	_, err = client.CreateRunnerScaleSet(ctx, draft)
	refused := &actions.ActionsError{}
	check("a second one of that name is refused", nil, errors.As(err, &refused), refused.StatusCode == http.StatusBadRequest)
	found, err := client.GetRunnerScaleSetById(ctx, set.Id)
	check("it is found by id", err, found != nil && found.RunnerGroupName == "Default", found.RunnerSetting.DisableUpdate)
	changed, err := client.UpdateRunnerScaleSet(ctx, set.Id, &actions.RunnerScaleSet{Name: "arc-2"})
	check("it can be renamed", err, changed != nil && changed.Name == "arc-2")
	return changed
}

func runners(ctx context.Context, client *actions.Client, setID int) {
	setting := &actions.RunnerScaleSetJitRunnerSetting{Name: "arc-idle"}
	jit, err := client.GenerateJitRunnerConfig(ctx, setting, setID)
	check("a just-in-time configuration is issued", err, jit.Runner.Id > 0, jit.EncodedJITConfig != "")
	_, err = client.GenerateJitRunnerConfig(ctx, setting, setID)
	check("its name is taken then", nil, isException(err, "AgentExistsException", http.StatusConflict))
	runner, err := client.GetRunnerByName(ctx, "arc-idle")
	check("the runner is found by name", err, runner != nil && runner.RunnerScaleSetId == setID)
	check("an idle runner is removed", client.RemoveRunner(ctx, int64(runner.Id)))
	check("one that is gone is removed again", client.RemoveRunner(ctx, int64(runner.Id)))
	_, err = client.GetRunner(ctx, int64(runner.Id))
	check("it is not found then", nil, isException(err, "AgentNotFoundException", http.StatusNotFound))
}

func listen(ctx context.Context, client *actions.Client, setID int, base string) {
	session, err := client.CreateMessageSession(ctx, setID, "arc")
	check("a session is opened", err, session.SessionId != nil, session.Statistics != nil, session.RunnerScaleSet.Id == setID)
	_, err = client.CreateMessageSession(ctx, setID, "arc")
	check("a second one is refused with a conflict", nil, isException(err, "SessionConflictException", http.StatusConflict))
	old := session
	session, err = client.RefreshMessageSession(ctx, setID, session.SessionId)
	check("it is refreshed", err, session.MessageQueueAccessToken != old.MessageQueueAccessToken)
	expired := &actions.MessageQueueTokenExpiredError{}
	_, err = client.GetMessage(ctx, old.MessageQueueUrl, old.MessageQueueAccessToken, 0)
	check("the old token has expired then", nil, errors.As(err, &expired))
	acquirable, err := client.GetAcquirableJobs(ctx, setID)
	check("nothing is acquirable yet", err, acquirable.Count == 0)

	post(base, "jobs", map[string]any{"scaleSet": "arc-2", "count": jobs, "durationMs": 300})
	started, completed, hired, isBusyKept := 0, 0, 0, false
	for last := int64(0); completed < jobs; {
		message, err := client.GetMessage(ctx, session.MessageQueueUrl, session.MessageQueueAccessToken, last)
		if err != nil {
			check("messages come", err)
		}
		if message == nil {
			continue
		}
		var inner []json.RawMessage
		if message.Body != "" {
			check("a message can be read", json.Unmarshal([]byte(message.Body), &inner))
		}
		var available []int64
		for _, text := range inner {
			base := &actions.JobMessageBase{}
			check("a job can be read", json.Unmarshal(text, base))
			switch base.MessageType {
			case "JobAvailable":
				available = append(available, base.RunnerRequestId)
			case "JobStarted":
				started++
				job := &actions.JobStarted{}
				check("a start can be read", json.Unmarshal(text, job), job.RunnerId > 0)
				err = client.RemoveRunner(ctx, int64(job.RunnerId))
				isBusyKept = isBusyKept || isException(err, "JobStillRunningException", http.StatusBadRequest)
			case "JobCompleted":
				completed++
			}
		}
		if len(available) > 0 {
			won, err := client.AcquireJobs(ctx, setID, session.MessageQueueAccessToken, available)
			check("jobs are acquired", err, len(won) == len(available))
		}
		for ; hired < message.Statistics.TotalAssignedJobs && hired < jobs; hired++ {
			setting := &actions.RunnerScaleSetJitRunnerSetting{Name: fmt.Sprintf("arc-%d", hired), WorkFolder: "_work"}
			jit, err := client.GenerateJitRunnerConfig(ctx, setting, setID)
			check("a runner is hired", err)
			post(base, "runners", map[string]any{"jitConfig": jit.EncodedJITConfig})
		}
		last = message.MessageId
		check("a message is deleted", client.DeleteMessage(ctx, session.MessageQueueUrl, session.MessageQueueAccessToken, last))
	}
	check("every job has started once", nil, started == jobs)
	check("a runner with a job was not removed", nil, isBusyKept)
	// This client takes the right status for a wrong one, and says so in its error.
	err = client.DeleteMessageSession(ctx, setID, session.SessionId)
	check("the session is closed", nil, err == nil || strings.Contains(err.Error(), "204"))
	session, err = client.CreateMessageSession(ctx, setID, "arc")
	check("another one can be opened then", err, session.SessionId != nil)
}

func isException(err error, name string, status int) bool {
	refused := &actions.ActionsError{}
	return errors.As(err, &refused) && strings.Contains(refused.ExceptionName, name) && refused.StatusCode == status
}

func post(base, what string, body any) {
	text, err := json.Marshal(body)
	check("the control API can be asked", err)
	answer, err := http.Post(base+"/_sim/"+what, "application/json", bytes.NewReader(text))
	if err != nil {
		check("the control API answers", err)
	}
	answer.Body.Close()
	check("the control API accepts "+what, nil, answer.StatusCode < 300)
}

// check prints a claim that holds; one that does not is the end.
func check(claim string, err error, holds ...bool) {
	failed := err != nil
	for _, one := range holds {
		failed = failed || !one
	}
	if failed {
		fmt.Printf("not ok: %s (%v)\n", claim, err)
		os.Exit(1)
	}
	fmt.Printf("ok: %s\n", claim)
}
