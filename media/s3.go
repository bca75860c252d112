package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"xunfang/models"
)

// The waits for a store of objects; one operation with all its tries ends within s3Timeout.
const (
	s3Timeout     = 30 * time.Second
	s3Dial        = 5 * time.Second
	s3FirstByte   = 15 * time.Second
	s3IdleTime    = 60 * time.Second
	s3Tries       = 3
	s3Connections = 64
)

// S3Settings says where photos are kept in production.
type S3Settings struct {
	Endpoint    string // host or host:port, without a scheme
	Bucket      string // must exist
	Region      string // as the provider names it; "" is us-east-1, which servers of one's own accept
	AccessKey   string
	SecretKey   models.Secret
	TLS         bool
	VirtualHost bool          // the bucket in the host name, as Aliyun OSS and Tencent COS ask; else in the path
	Timeout     time.Duration // of one operation with all its tries; 0 is 30 s
}

// S3 keeps photos in a bucket of an S3-compatible store.
type S3 struct {
	client    minio.Core
	transport *http.Transport
	bucket    string
	timeout   time.Duration
}

// NewS3 checks the settings; it does not connect, Check does.
func NewS3(settings S3Settings) (*S3, error) {
	return newS3(settings, &http.Transport{
		DialContext:           (&net.Dialer{Timeout: s3Dial}).DialContext,
		TLSHandshakeTimeout:   s3Dial,
		ResponseHeaderTimeout: s3FirstByte,
		IdleConnTimeout:       s3IdleTime,
		MaxConnsPerHost:       s3Connections,
		MaxIdleConnsPerHost:   s3Connections,
		DisableCompression:    true, // a compressed answer would no longer be the bytes that were put
		ForceAttemptHTTP2:     true,
	})
}

func newS3(settings S3Settings, transport *http.Transport) (*S3, error) {
	if settings.Bucket == "" || settings.AccessKey == "" || settings.SecretKey == "" {
		return nil, errors.New("media: S3 needs a bucket, an access key and a secret key")
	}
	if settings.Region == "" {
		settings.Region = "us-east-1" // asking the store for it would need one more permission
	}
	if settings.Timeout <= 0 {
		settings.Timeout = s3Timeout
	}
	lookup := minio.BucketLookupPath
	if settings.VirtualHost {
		lookup = minio.BucketLookupDNS
	}
	client, err := minio.NewCore(settings.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(settings.AccessKey, settings.SecretKey.Reveal(), ""),
		Secure:       settings.TLS,
		Region:       settings.Region,
		BucketLookup: lookup,
		Transport:    transport,
		MaxRetries:   s3Tries,
	})
	if err != nil {
		return nil, fmt.Errorf("media: S3: %w", err)
	}
	return &S3{client: *client, transport: transport, bucket: settings.Bucket, timeout: settings.Timeout}, nil
}

// Close lets go of idle connections.
func (s *S3) Close() error { s.transport.CloseIdleConnections(); return nil }

// Check says whether the store answers and has the bucket.
func (s *S3) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	exists, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !exists {
		return fmt.Errorf("media: S3: no bucket %q", s.bucket)
	}
	return s3Error("check", err)
}

// Put writes an object that does not exist yet. CodeBusy when the store is away: the photo may have
// arrived nevertheless, and putting it again is no error.
func (s *S3) Put(ctx context.Context, name, contentType string, data []byte) error {
	if err := checkPut(ctx, name, data); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	options := minio.PutObjectOptions{
		ContentType:      contentType,
		SendContentMd5:   true, // the store refuses what changed on the way; every compatible store knows this header
		DisableMultipart: true,
	}
	options.SetMatchETagExcept("*") // do not overwrite
	_, err := s.client.Client.PutObject(ctx, s.bucket, name, bytes.NewReader(data), int64(len(data)), options)
	if answerOf(err).StatusCode == http.StatusPreconditionFailed {
		// Another photo has the name, or an earlier try arrived and only its answer was lost.
		kept, err := s.get(ctx, name)
		if err == nil && !bytes.Equal(kept, data) {
			err = models.Fail(models.CodeAlreadyExists)
		}
		return err
	}
	return s3Error("put", err)
}

// Get reads an object; CodeBusy when the store is away.
func (s *S3) Get(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.get(ctx, name)
}

func (s *S3) get(ctx context.Context, name string) ([]byte, error) {
	body, _, _, err := s.client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s3Error("get", err)
	}
	data, err := readBlob(body)
	return data, s3Error("get", errors.Join(err, body.Close()))
}

// Delete removes an object; CodeBusy when the store is away.
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s3Error("delete", s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
}

// s3Error sorts what went wrong: missing, away for now, or a mistake in the settings, which is internal.
func s3Error(what string, err error) error {
	if err == nil {
		return nil
	}
	answer := answerOf(err)
	if answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket {
		return models.Fail(models.CodeNotFound).Because(err)
	}
	var network net.Error // context.DeadlineExceeded is one too
	if errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) ||
		answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500 {
		return models.Fail(models.CodeBusy).After(busyPause).Because(err)
	}
	return fmt.Errorf("media: S3 %s: %w", what, err)
}

// answerOf finds the store's own answer in an error; empty when it gave none.
func answerOf(err error) minio.ErrorResponse {
	var answer minio.ErrorResponse
	errors.As(err, &answer)
	return answer
}
