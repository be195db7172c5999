// Command interop drives GitHub's own client of the scale-set protocol through a whole life of a scale set: register,
// listen, acquire, run jobs on just-in-time runners, remove. What it claims is printed, one claim a line; the first that
// does not hold ends it. It knows the service's control API only to want jobs and to start runners.
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
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/actions/scaleset"
	"github.com/actions/scaleset/listener"
	"github.com/google/uuid"
)

const jobs = 7

var system = scaleset.SystemInfo{
	System:    "longshore-interop",
	Version:   "0.0.0",
	CommitSHA: "none",
	Subsystem: "test",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: interop CONFIG-URL")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	configURL := os.Args[1]
	base, err := url.Parse(configURL)
	check("the config URL can be read", err)
	world := &world{base: base.Scheme + "://" + base.Host, scope: strings.Trim(base.Path, "/")}

	refused(ctx, configURL)
	app(ctx, configURL)
	client, err := scaleset.NewClientWithPersonalAccessToken(scaleset.NewClientWithPersonalAccessTokenConfig{
		GitHubConfigURL:     configURL,
		PersonalAccessToken: "ghp_interop",
		SystemInfo:          system,
	}, scaleset.WithRetryMax(0))
	check("a client is made with a token", err)
	set := register(ctx, client)
	system.ScaleSetID = set.ID
	client.SetSystemInfo(system)
	runners(ctx, client, set.ID)
	listen(ctx, client, set.ID, world)
	check("a scale set can be deleted", client.DeleteRunnerScaleSet(ctx, set.ID))
	found, err := client.GetRunnerScaleSet(ctx, 1, "interop-2")
	check("it is gone then", err, found == nil)
}

// refused: other credentials are not taken.
func refused(ctx context.Context, configURL string) {
	client, err := scaleset.NewClientWithPersonalAccessToken(scaleset.NewClientWithPersonalAccessTokenConfig{
		GitHubConfigURL:     configURL,
		PersonalAccessToken: "nonsense",
		SystemInfo:          system,
	}, scaleset.WithRetryMax(0))
	check("a client is made with any text", err)
	_, err = client.GetRunnerScaleSet(ctx, 1, "interop")
	check("a token of another form is refused with 401", nil, err != nil, strings.Contains(err.Error(), "401"))
}

// app: a GitHub App with any key and any installation is let in.
func app(ctx context.Context, configURL string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check("a key is made", err)
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	client, err := scaleset.NewClientWithGitHubApp(scaleset.ClientWithGitHubAppConfig{
		GitHubConfigURL: configURL,
		GitHubAppAuth: scaleset.GitHubAppAuth{
			ClientID:       "Iv23liInterop",
			InstallationID: 4815162,
			PrivateKey:     string(pem.EncodeToMemory(block)),
		},
		SystemInfo: system,
	}, scaleset.WithRetryMax(0))
	check("a client is made with an App", err)
	found, err := client.GetRunnerScaleSet(ctx, 1, "interop")
	check("an App finds no scale set where there is none", err, found == nil)
}

func register(ctx context.Context, client *scaleset.Client) *scaleset.RunnerScaleSet {
	group, err := client.GetRunnerGroupByName(ctx, scaleset.DefaultRunnerGroup)
	check("the default runner group is found by name", err, group != nil && group.ID == 1)
	_, err = client.GetRunnerGroupByName(ctx, "nowhere")
	check("an unknown runner group is an error", nil, err != nil)
	draft := &scaleset.RunnerScaleSet{
		Name:          "interop",
		RunnerGroupID: group.ID,
		Labels:        []scaleset.Label{{Name: "interop", Type: "System"}, {Name: "gpu & more+", Type: "System"}},
		RunnerSetting: scaleset.RunnerSetting{DisableUpdate: true},
	}
	set, err := client.CreateRunnerScaleSet(ctx, draft)
	check("a scale set is created", err, set != nil && set.ID > 0 && set.Name == "interop", len(set.Labels) == 2)
	_, err = client.CreateRunnerScaleSet(ctx, draft)
	check("a second one of that name is refused", nil, err != nil)
	found, err := client.GetRunnerScaleSet(ctx, 1, "interop")
	check("it is found by name", err, found != nil && found.ID == set.ID)
	found, err = client.GetRunnerScaleSetByID(ctx, set.ID)
	check("it is found by id", err, found != nil && found.RunnerGroupName == "Default")
	changed, err := client.UpdateRunnerScaleSet(ctx, set.ID, &scaleset.RunnerScaleSet{Name: "interop-2"})
	check("it can be renamed, and keeps the rest", err, changed.Name == "interop-2", len(changed.Labels) == 2)
	return changed
}

func runners(ctx context.Context, client *scaleset.Client, setID int) {
	setting := &scaleset.RunnerScaleSetJitRunnerSetting{Name: "interop-idle", WorkFolder: "_work"}
	jit, err := client.GenerateJitRunnerConfig(ctx, setting, setID)
	check("a just-in-time configuration is issued", err, jit.Runner.ID > 0, jit.EncodedJITConfig != "")
	_, err = client.GenerateJitRunnerConfig(ctx, setting, setID)
	check("its name is taken then", nil, errors.Is(err, scaleset.RunnerExistsError))
	runner, err := client.GetRunner(ctx, jit.Runner.ID)
	check("the runner is found by id", err, runner.Name == "interop-idle", runner.RunnerScaleSetID == setID)
	runner, err = client.GetRunnerByName(ctx, "interop-idle")
	check("the runner is found by name", err, runner != nil && runner.ID == jit.Runner.ID)
	check("an idle runner is removed", client.RemoveRunner(ctx, int64(jit.Runner.ID)))
	check("removing it again is a success", client.RemoveRunner(ctx, int64(jit.Runner.ID)))
	_, err = client.GetRunner(ctx, jit.Runner.ID)
	check("it is not found then", nil, errors.Is(err, scaleset.RunnerNotFoundError))
}

func listen(ctx context.Context, client *scaleset.Client, setID int, world *world) {
	session, err := client.MessageSessionClient(ctx, setID, "interop", scaleset.WithRetryMax(0))
	check("a session is opened", err, session.Session().Statistics != nil)
	_, err = client.MessageSessionClient(ctx, setID, "somebody-else", scaleset.WithRetryMax(0))
	check("a second session is refused with a conflict", nil, err != nil, strings.Contains(err.Error(), "Conflict"))
	loop, err := listener.New(session, listener.Config{ScaleSetID: setID, MaxRunners: 5})
	check("a listener is made", err)
	running, stop := context.WithCancel(ctx)
	scaler := &scaler{client: client, setID: setID, world: world, stop: stop, wanted: jobs}
	world.queue()
	err = loop.Run(running, scaler)
	check("the listener ends when it is told to", nil, errors.Is(err, context.Canceled))
	check("every job has started once", scaler.err, scaler.started == jobs, scaler.doubled == 0)
	check("every job has succeeded", nil, scaler.succeeded == jobs)
	check("a runner with a job was not removed", nil, errors.Is(scaler.busy, scaleset.JobStillRunningError))
	check("never more runners than the capacity", nil, scaler.most <= 5)
	check("the session is closed", session.Close(ctx))
	again, err := client.MessageSessionClient(ctx, setID, "interop", scaleset.WithRetryMax(0))
	check("another one can be opened then", err)
	check("and closed", again.Close(ctx))
}

// scaler hires simulated runners, as many as are wanted.
type scaler struct {
	client *scaleset.Client
	setID  int
	world  *world
	stop   context.CancelFunc
	wanted int

	mutex     sync.Mutex
	names     map[string]bool
	live      int
	most      int
	started   int
	doubled   int
	succeeded int
	busy      error
	err       error
}

func (s *scaler) HandleDesiredRunnerCount(ctx context.Context, count int) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.live < min(count, 5) {
		setting := &scaleset.RunnerScaleSetJitRunnerSetting{Name: "interop-" + uuid.NewString(), WorkFolder: "_work"}
		jit, err := s.client.GenerateJitRunnerConfig(ctx, setting, s.setID)
		if err != nil {
			return 0, err
		}
		s.live++
		s.most = max(s.most, s.live)
		s.world.post("runners", map[string]any{"jitConfig": jit.EncodedJITConfig})
	}
	return count, nil
}

func (s *scaler) HandleJobStarted(ctx context.Context, job *scaleset.JobStarted) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.names == nil {
		s.names = map[string]bool{}
	}
	if s.names[job.JobID] {
		s.doubled++
	}
	s.names[job.JobID] = true
	s.started++
	if s.busy == nil {
		s.busy = s.client.RemoveRunner(ctx, int64(job.RunnerID))
	}
	return nil
}

func (s *scaler) HandleJobCompleted(_ context.Context, job *scaleset.JobCompleted) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.live--
	if job.Result == "succeeded" {
		s.succeeded++
	}
	if s.succeeded == s.wanted {
		s.stop()
	}
	return nil
}

// world is the control API of the simulated service.
type world struct {
	base  string
	scope string
}

func (w *world) queue() {
	w.post("jobs", map[string]any{
		"labels": []string{"gpu & more+"}, "scope": w.scope, "count": jobs, "durationMs": 300,
	})
}

func (w *world) post(what string, body any) {
	text, err := json.Marshal(body)
	check("the control API can be asked", err)
	answer, err := http.Post(w.base+"/_sim/"+what, "application/json", bytes.NewReader(text))
	if err != nil {
		check("the control API answers", err)
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	if answer.StatusCode >= 300 {
		check("the control API accepts "+what, fmt.Errorf("%s: %s", answer.Status, said))
	}
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
