package schema

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// maxVideoBytes is what a trailer's video stays below
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/screenshots-and-images).
const maxVideoBytes = 2 << 30

// readVideo is the remembered outcome of reading a video.
type readVideo struct {
	video   MediaFile
	problem *fileProblem
}

// video measures a video: its size, its digest, and that it is an MP4 or MOV
// by name and content. What it shows is not looked at.
func (c *confinement) video(ctx context.Context, name string) (MediaFile, *fileProblem) {
	c.used[name]++
	if known, ok := c.videos[name]; ok {
		return known.video, known.problem
	}
	video, problem := c.readVideo(ctx, name)
	c.videos[name] = readVideo{video, problem}
	if problem == nil {
		c.digests[name] = video.SHA256
	}
	return video, problem
}

func (c *confinement) readVideo(ctx context.Context, name string) (MediaFile, *fileProblem) {
	const format = "A trailer is an MP4 (.mp4) or MOV (.mov) video of 1920 x 1080 pixels."
	if e := extension(name); e != "mp4" && e != "mov" {
		return MediaFile{}, &fileProblem{summary: fmt.Sprintf("the name %s does not end in .mp4 or .mov", quote(name)), detail: format}
	}
	file, info, problem := c.open(name)
	if problem != nil {
		return MediaFile{}, problem
	}
	defer file.Close()
	if info.Size() >= maxVideoBytes {
		return MediaFile{}, &fileProblem{
			summary: fmt.Sprintf("the video %s has %d bytes; it must have less than %d (2 GB)", quote(name), info.Size(), maxVideoBytes),
			detail:  "Save it with stronger compression; the Store recommends 60 seconds or less.",
		}
	}
	if what := recogniseVideo(file); what != "" {
		return MediaFile{}, &fileProblem{summary: fmt.Sprintf("%s is not an MP4 or MOV video: %s", quote(name), what), detail: format + " Convert the file; renaming it is not enough."}
	}
	sum, err := digest(ctx, file, info.Size())
	if err != nil {
		return MediaFile{}, c.problem(name, err)
	}
	return MediaFile{Name: name, Bytes: info.Size(), SHA256: sum}, nil
}

// recogniseVideo is "" for the QuickTime and MPEG-4 family of containers, whose
// files begin with the length of an atom and its type
// (https://developer.apple.com/documentation/quicktime-file-format), and else
// says what the file is.
func recogniseVideo(file *os.File) string {
	start := make([]byte, 16)
	n, _ := file.ReadAt(start, 0)
	if n >= 8 {
		switch string(start[4:8]) {
		case "ftyp", "moov", "mdat", "wide", "free", "skip", "pnot":
			return ""
		}
	}
	return recognise(start[:n])
}

// readPackageFile is the remembered outcome of reading a package.
type readPackageFile struct {
	content *PackageFile
	problem *fileProblem
}

// readPackage reads an app package.
func (c *confinement) readPackage(ctx context.Context, name string) (*PackageFile, *fileProblem) {
	c.used[name]++
	if known, ok := c.packages[name]; ok {
		return known.content, known.problem
	}
	content, problem := c.openPackage(ctx, name)
	c.packages[name] = readPackageFile{content, problem}
	if problem == nil {
		c.digests[name] = content.SHA256
	}
	return content, problem
}

func (c *confinement) openPackage(ctx context.Context, name string) (*PackageFile, *fileProblem) {
	if packageFormat(name) == "" {
		return nil, packageNameProblem(name)
	}
	file, info, problem := c.open(name)
	if problem != nil {
		return nil, problem
	}
	defer file.Close()
	if info.Size() > maxPackageBytes {
		return nil, &fileProblem{
			summary: fmt.Sprintf("the package %s has %d bytes; the Store takes at most %d (25 GB)", quote(name), info.Size(), int64(maxPackageBytes)),
			detail:  "Take content out of the package, and let the app download it.",
		}
	}
	content, err := ReadPackage(ctx, file, info.Size(), name)
	if err != nil {
		return nil, packageProblem(name, err)
	}
	return content, nil
}

const packageExtensions = "A package is a .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload file."

func packageNameProblem(name string) *fileProblem {
	switch {
	case isEncrypted(name):
		return &fileProblem{summary: quote(name) + " is an encrypted package", detail: "The Store does not take it, and it cannot be read. Name the package that it was made from."}
	case extension(name) == "xap":
		return &fileProblem{summary: quote(name) + " is a package for Windows Phone 8", detail: "It cannot be read. " + packageExtensions}
	}
	return &fileProblem{summary: fmt.Sprintf("the name %s is not that of an app package", quote(name)), detail: packageExtensions}
}

// packageProblem is a PackageError, or a failed read, as one finding.
func packageProblem(name string, err error) *fileProblem {
	p := &fileProblem{summary: "the package " + quote(name) + " cannot be used", detail: "Build the package again, or name another file."}
	var problem *PackageError
	if !errors.As(err, &problem) {
		p.summary += ": " + err.Error()
		return p
	}
	p.summary += ": "
	if problem.Entry != "" {
		p.summary += "entry " + quote(problem.Entry) + ": "
	}
	p.summary += problem.Problem
	var pathError *fs.PathError
	switch {
	case errors.As(problem.Err, &pathError):
		p.summary += ": " + pathError.Err.Error()
	case problem.Err != nil:
		p.summary += ": " + problem.Err.Error()
	}
	if problem.Fix != "" {
		p.detail = problem.Fix
	}
	return p
}
