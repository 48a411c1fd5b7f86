"""Home-made engines: values with operators, functions that keep their inputs."""
