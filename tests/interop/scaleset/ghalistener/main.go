// Command ghalistener is a listener as ARC's releases since 0.9 have it: GitHub's own client and message loop, the
// configuration file of those releases by Go's rules, and their two patches. It exists because that program itself cannot
// be had as a module; what it shares with it is GitHub's library, the rest follows the description of its behaviour.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/actions/scaleset"
	"github.com/actions/scaleset/listener"
)

// config has the members that are used here; a wrong JSON type of any of them is an error, as it is there.
type config struct {
	ConfigureURL    string         `json:"configure_url"`
	VaultType       string         `json:"vault_type"`
	AppID           string         `json:"github_app_id"`
	InstallationID  int64          `json:"github_app_installation_id"`
	PrivateKey      string         `json:"github_app_private_key"`
	Token           string         `json:"github_token"`
	Namespace       string         `json:"ephemeral_runner_set_namespace"`
	Name            string         `json:"ephemeral_runner_set_name"`
	MaxRunners      int            `json:"max_runners"`
	MinRunners      int            `json:"min_runners"`
	ScaleSetID      int            `json:"runner_scale_set_id"`
	ScaleSetName    string         `json:"runner_scale_set_name"`
	ServerRootCA    string         `json:"server_root_ca"`
	LogLevel        string         `json:"log_level"`
	LogFormat       string         `json:"log_format"`
	MetricsAddr     string         `json:"metrics_addr"`
	MetricsEndpoint string         `json:"metrics_endpoint"`
	Metrics         *metricsConfig `json:"metrics"`
}

type metricsConfig struct {
	Counters   map[string]*struct{ Labels []string } `json:"counters"`
	Gauges     map[string]*struct{ Labels []string } `json:"gauges"`
	Histograms map[string]*struct {
		Labels  []string
		Buckets []float64
	} `json:"histograms"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "Application returned an error:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	file, err := os.Open(os.Getenv("LISTENER_CONFIG_PATH"))
	if err != nil {
		return err
	}
	defer file.Close()
	var config config
	if err := json.NewDecoder(file).Decode(&config); err != nil {
		return fmt.Errorf("failed to decode config: %w", err)
	}
	kube, err := inCluster()
	if err != nil {
		return err
	}
	client, err := scaleset.NewClientWithPersonalAccessToken(scaleset.NewClientWithPersonalAccessTokenConfig{
		GitHubConfigURL:     config.ConfigureURL,
		PersonalAccessToken: config.Token,
		SystemInfo: scaleset.SystemInfo{
			System:     "actions-runner-controller",
			Version:    "interop",
			CommitSHA:  "none",
			ScaleSetID: config.ScaleSetID,
			Subsystem:  "ghalistener",
		},
	})
	if err != nil {
		return err
	}
	owner, err := os.Hostname()
	if err != nil {
		return err
	}
	session, err := client.MessageSessionClient(ctx, config.ScaleSetID, owner)
	if err != nil {
		return err
	}
	defer session.Close(context.WithoutCancel(ctx))
	loop, err := listener.New(session, listener.Config{
		ScaleSetID: config.ScaleSetID,
		MaxRunners: config.MaxRunners,
		Logger:     slog.New(slog.NewTextHandler(os.Stdout, nil)),
	})
	if err != nil {
		return err
	}
	return loop.Run(ctx, &scaler{config: config, kube: kube, target: -1, sequence: -1})
}

// scaler keeps what the next order follows from.
type scaler struct {
	config   config
	kube     *kube
	target   int
	sequence int
	dirty    bool
}

func (s *scaler) HandleJobStarted(ctx context.Context, job *scaleset.JobStarted) error {
	s.dirty = true
	status := map[string]any{"jobRepositoryName": job.OwnerName + "/" + job.RepositoryName}
	for name, value := range map[string]string{
		"jobId":          job.JobID,
		"jobWorkflowRef": job.JobWorkflowRef,
		"jobDisplayName": job.JobDisplayName,
	} {
		if value != "" {
			status[name] = value
		}
	}
	for name, value := range map[string]int64{
		"jobRequestId":  job.RunnerRequestID,
		"workflowRunId": job.WorkflowRunID,
	} {
		if value != 0 {
			status[name] = value
		}
	}
	code, err := s.kube.patch(ctx, s.config.Namespace, "ephemeralrunners/"+job.RunnerName+"/status", map[string]any{"status": status})
	if code == http.StatusNotFound {
		return nil
	}
	return err
}

func (s *scaler) HandleJobCompleted(context.Context, *scaleset.JobCompleted) error {
	s.dirty = true
	return nil
}

func (s *scaler) HandleDesiredRunnerCount(ctx context.Context, count int) (int, error) {
	wasDirty := s.dirty
	s.dirty = false
	s.sequence++
	target := min(s.config.MinRunners+count, s.config.MaxRunners)
	patchID := s.sequence
	if !wasDirty && target == s.target && target == s.config.MinRunners {
		patchID = 0
	}
	s.target = target
	var replicas any = target
	if target == 0 {
		replicas = nil
	}
	_, err := s.kube.patch(ctx, s.config.Namespace, "ephemeralrunnersets/"+s.config.Name, map[string]any{
		"spec": map[string]any{"patchID": patchID, "replicas": replicas},
	})
	return target, err
}

type kube struct {
	client *http.Client
	base   string
	token  string
}

func inCluster() (*kube, error) {
	folder := os.Getenv("POD_IDENTITY_FOLDER")
	token, err := os.ReadFile(folder + "/token")
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(folder + "/ca.crt")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &kube{
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}},
		base:   "https://" + os.Getenv("KUBERNETES_SERVICE_HOST") + ":" + os.Getenv("KUBERNETES_SERVICE_PORT"),
		token:  string(token),
	}, nil
}

// patch is one merge patch; the status is returned beside the error.
func (k *kube) patch(ctx context.Context, namespace, path string, body any) (int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	fmt.Println("patch", path, string(text))
	url := k.base + "/apis/actions.github.com/v1alpha1/namespaces/" + namespace + "/" + path
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, url, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	request.Header.Set("Authorization", "Bearer "+k.token)
	response, err := k.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("could not patch %s: %d %s", path, response.StatusCode, answer)
	}
	return response.StatusCode, err
}
