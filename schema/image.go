package schema

import (
	"crypto/md5" //nolint:gosec // Content-MD5 of Azure blobs, not a security measure
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/png" // the one format that the Store takes
	"io"
	"os"
)

// maxImageBytes is the size of one image
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/screenshots-and-images).
const maxImageBytes = 50 << 20

// measure reads an image's header for its size and all of it for its digests and
// to see that it is whole.
func (c *confinement) measure(name string) (Image, *fileProblem) {
	c.used[name]++
	if known, ok := c.images[name]; ok {
		return known.image, known.problem
	}
	image, problem := c.measureFile(name)
	c.images[name] = measured{image, problem}
	if problem == nil {
		c.digests[name] = image.SHA256
	}
	return image, problem
}

func (c *confinement) measureFile(name string) (Image, *fileProblem) {
	file, info, problem := c.open(name)
	if problem != nil {
		return Image{}, problem
	}
	defer file.Close()
	if info.Size() > maxImageBytes {
		return Image{}, &fileProblem{
			summary: fmt.Sprintf("the image %s has %d bytes; at most %d (50 MB) are allowed", quote(name), info.Size(), maxImageBytes),
			detail:  "Save it with stronger compression or fewer pixels.",
		}
	}
	config, problem := decodeHeader(name, file)
	if problem != nil {
		return Image{}, problem
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Image{}, c.problem(name, err)
	}
	strong, contentMD5 := sha256.New(), md5.New() //nolint:gosec // see the import
	counted := &countingWriter{}
	err := readPNG(io.TeeReader(io.LimitReader(file, maxImageBytes+1), io.MultiWriter(strong, contentMD5, counted)))
	var damage errPNG
	switch {
	case errors.As(err, &damage):
		return Image{}, &fileProblem{
			summary: fmt.Sprintf("the image %s is damaged: %s", quote(name), damage),
			detail:  "The Store would refuse it. Save it again, or fetch the whole file.",
		}
	case err != nil:
		return Image{}, c.problem(name, err)
	}
	return Image{
		Name: name, Bytes: counted.bytes, Width: config.Width, Height: config.Height,
		SHA256: hex.EncodeToString(strong.Sum(nil)), MD5: hex.EncodeToString(contentMD5.Sum(nil)),
	}, nil
}

// countingWriter counts what is written to it.
type countingWriter struct{ bytes int64 }

func (w *countingWriter) Write(p []byte) (int, error) {
	w.bytes += int64(len(p))
	return len(p), nil
}

// decodeHeader reads a PNG's header; the pixels are not decoded.
func decodeHeader(name string, file *os.File) (image.Config, *fileProblem) {
	config, format, err := image.DecodeConfig(io.LimitReader(file, maxImageBytes))
	if err == nil && format == "png" {
		return config, nil
	}
	start := make([]byte, 16)
	n, _ := file.ReadAt(start, 0)
	return image.Config{}, &fileProblem{
		summary: fmt.Sprintf("%s is not a PNG image: %s", quote(name), recognise(start[:n])),
		detail:  "The Store takes PNG only. Convert the image; renaming the file is not enough.",
	}
}

// recognise names what a file is, by its first bytes.
func recognise(start []byte) string {
	text := string(start)
	has := func(prefix string) bool { return len(text) >= len(prefix) && text[:len(prefix)] == prefix }
	switch {
	case len(start) == 0:
		return "the file is empty"
	case has(pngSignature):
		return "its PNG header is damaged"
	case has("\xff\xd8\xff"):
		return "it is a JPEG"
	case has("GIF8"):
		return "it is a GIF"
	case has("RIFF") && len(text) >= 12 && text[8:12] == "WEBP":
		return "it is a WebP"
	case has("version https"):
		return "it is a Git LFS pointer; run git lfs pull"
	}
	return "its header is unknown"
}
