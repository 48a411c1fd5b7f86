# import library
import numpy as np

# Notebook 7.1: backpropagation in a toy model
def fn(x, beta0, beta1, beta2, beta3, omega0, omega1, omega2, omega3):
  return beta3+omega3 * np.cos(beta2 + omega2 * np.exp(beta1 + omega1 * np.sin(beta0 + omega0 * x)))

def loss(x, y, beta0, beta1, beta2, beta3, omega0, omega1, omega2, omega3):
  diff = fn(x, beta0, beta1, beta2, beta3, omega0, omega1, omega2, omega3) - y
  return diff**2

beta0 = 1.0; beta1 = -0.5; beta2 = -0.4; beta3 = 0.8
omega0 = 0.1; omega1 = -0.4; omega2 = 2.0; omega3 = 3.0
x = 2.3; y = 2.0
l_i_func = loss(x,y,beta0,beta1,beta2,beta3,omega0,omega1,omega2,omega3)
print('l_i = %3.3f'%l_i_func)

# Compute all the f_k and h_k terms
f0 = beta0 + omega0 * x
h1 = np.sin(f0)
f1 = beta1 + omega1 * h1
h2 = np.exp(f1)
f2 = beta2 + omega2 * h2
h3 = np.cos(f2)
f3 = beta3 + omega3 * h3
l_i = (f3 - y)**2

# Compute derivatives of the loss with respect to the function output
dldf3 = 2* (f3 - y)
dldh3 = dldf3 * omega3
dldf2 = dldh3 * -np.sin(f2)
dldh2 = dldf2 * omega2
dldf1 = dldh2 * np.exp(f1)
dldh1 = dldf1 * omega1
dldf0 = dldh1 * np.cos(f0)

dldbeta3 = dldf3 * 1
dldomega3 = dldf3 * h3
dldbeta2 = dldf2
dldomega2 = dldf2 * h2
dldbeta1 = dldf1
dldomega1 = dldf1 * h1
dldbeta0 = dldf0
dldomega0 = dldf0 * x
print('dldbeta3: Your value = %3.3f'%(dldbeta3))
